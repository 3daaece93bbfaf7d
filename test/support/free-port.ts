import { randomInt } from "node:crypto";
import { listens } from "../../cli/core/processes";

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
