import { randomInt } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Failure } from "../core/failure";
import { EPHEMERAL_FOLDER } from "./instance";

/** Below the range from which systems give out ports by themselves, so that no outgoing connection sits on one. */
const FIRST = 27_000;
const LAST = 27_999;

const claimOf = (port: number): string => join(EPHEMERAL_FOLDER, `port-${port}`);

/**
 * A loopback port that nobody uses, claimed for this instance: between the look and the server's start others look, too.
 * @throws Failure when there is none.
 */
export async function claimPort(): Promise<number> {
  mkdirSync(EPHEMERAL_FOLDER, { recursive: true, mode: 0o700 });
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = randomInt(FIRST, LAST + 1);
    if (!(await canListen(port)) || !claim(port)) continue;
    return port;
  }
  throw new Failure(`no free port between ${FIRST} and ${LAST}. See what runs: npm run reap -- --list`);
}

export function releasePort(port: number): void {
  rmSync(claimOf(port), { recursive: true, force: true });
}

function claim(port: number): boolean {
  try {
    mkdirSync(claimOf(port));
    return true;
  } catch {
    return false;
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1" }, () => server.close(() => resolve(true)));
  });
}
