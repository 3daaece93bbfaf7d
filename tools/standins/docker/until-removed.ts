import { setTimeout as delay } from "node:timers/promises";

const LIMIT_S = 30;
const POLL_MS = 1000;

/**
 * Tries to remove something until it is gone. The real provider gives up after 30 seconds with just these words.
 * `attempt` returns "removed", or the name of the state that it is stuck in.
 */
export async function untilRemoved(attempt: () => Promise<string>): Promise<void> {
  const end = Date.now() + LIMIT_S * 1000;
  for (;;) {
    const state = await attempt();
    if (state === "removed") return;
    if (Date.now() + POLL_MS > end) {
      throw new Error(
        `timeout while waiting for state to become 'removed' (last state: '${state}', timeout: ${LIMIT_S}s)`,
      );
    }
    await delay(POLL_MS);
  }
}
