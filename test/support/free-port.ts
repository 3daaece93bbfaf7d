import { randomInt } from "node:crypto";
import { connect } from "node:net";

/** Below the range from which systems give out ports by themselves, so that no outgoing connection sits on one. */
const FIRST = 21_000;
const LAST = 21_999;

/** A port of the loopback interface on which nobody listens. It is taken at random: tests run side by side. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = randomInt(FIRST, LAST + 1);
    if (!(await listens(port))) return port;
  }
  throw new Error(`no free port found between ${FIRST} and ${LAST}`);
}

/** Whether something accepts connections on the port. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: 2_000 });
    const settle = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
    socket.once("timeout", () => settle(false));
  });
}
