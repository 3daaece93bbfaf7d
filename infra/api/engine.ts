import { connect } from "node:net";
import { refusal } from "./fault";

/**
 * Refuses to change anything once the Pulumi run that this provider works for is gone.
 *
 * A provider outlives a CLI that was killed and would finish what it was doing, beside the next run that is doing the
 * same: both would look a name up, find nothing, and make it. The engine's address is the provider's only argument.
 * Anywhere else (tests, the commands) there is no such engine, and nothing to refuse.
 *
 * @throws a `refused` fault when the engine does not accept connections any more.
 */
export async function requireEngine(): Promise<void> {
  const [, script = "", address = ""] = process.argv;
  const port = /^(?:127\.0\.0\.1|localhost):(\d+)$/.exec(address)?.[1];
  if (port === undefined || !script.includes("dynamic-provider")) return;
  if (!(await accepts(Number(port)))) throw refusal("the Pulumi run that asked for this is gone; nothing was changed.");
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const settle = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}
