import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readLocks } from "../../../cli/core/lock";
import type { Workspace } from "../../../cli/core/workspace";

let root: string;
const started: number[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lock-test-"));
});

afterEach(() => {
  for (const pid of started.splice(0)) process.kill(pid, "SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

function workspace(url = `file://${root}`): Workspace {
  return { stack: "dev", env: { PULUMI_BACKEND_URL: url } } as unknown as Workspace;
}

function lock(pid: number, host = hostname()): void {
  const folder = join(root, ".pulumi", "locks", "organization", "infisical", "dev");
  mkdirSync(folder, { recursive: true });
  const content = { pid, username: "me", hostname: host, timestamp: "2026-11-24T06:44:41Z" };
  writeFileSync(join(folder, `${pid}.json`), JSON.stringify(content));
  writeFileSync(join(folder, `${pid}.json.attrs`), JSON.stringify({ "user.content_type": "text/plain" }));
}

/** A process that lives until the end of the test, with this word on its command line. */
function living(word: string): number {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", word], { stdio: "ignore" });
  started.push(child.pid ?? 0);
  return child.pid ?? 0;
}

/** A number that no process has any more. */
async function ended(): Promise<number> {
  const child = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
  await new Promise((resolve) => child.once("close", resolve));
  return child.pid ?? 0;
}

describe("the lock of a stack", () => {
  it("is none where nobody has worked yet", () => {
    expect(readLocks(workspace())).toEqual([]);
  });

  it("is dead when its process is gone", async () => {
    lock(await ended());
    expect(readLocks(workspace())).toMatchObject([{ state: "dead" }]);
  });

  it("is dead when another program has got the process's number", () => {
    lock(living("something else"));
    expect(readLocks(workspace())).toMatchObject([{ state: "dead" }]);
  });

  it("is alive while Pulumi runs", () => {
    const pid = living("pulumi");
    lock(pid);
    const holder = `me@${hostname()}, process ${pid}, since 2026-11-24T06:44:41Z`;
    expect(readLocks(workspace())).toEqual([{ pid, state: "alive", holder }]);
  });

  it("cannot be judged from another machine", async () => {
    lock(await ended(), "another-machine");
    expect(readLocks(workspace())).toMatchObject([{ state: "unknown" }]);
  });

  it("cannot be seen in a backend that is no folder of this machine", () => {
    expect(readLocks(workspace("s3://bucket"))).toBeUndefined();
  });
});
