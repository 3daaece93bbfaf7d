import { setTimeout as pause } from "node:timers/promises";
import { isStatus } from "./fault";
import { limits } from "./http";

/**
 * Asks again while the server refuses (403), until a permission that was granted a moment ago must be in effect.
 * @throws the last refusal after `limits.permissionDelay`; anything else at once.
 */
export async function untilAllowed<T>(ask: () => Promise<T>): Promise<T> {
  const started = Date.now();
  for (;;) {
    try {
      return await ask();
    } catch (thrown) {
      if (!isStatus(thrown, 403) || Date.now() - started >= limits.permissionDelay) throw thrown;
      await pause(Math.min(1_000, limits.permissionDelay));
    }
  }
}
