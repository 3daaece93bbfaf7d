import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockDataFolder } from "../../../sandbox/store/data-folder-lock.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sandbox-lock-"));
});
afterEach(() => rm(folder, { recursive: true }));

const lockFile = (): string => join(folder, "lock.json");
const holder = async (): Promise<unknown> => JSON.parse(await readFile(lockFile(), "utf8"));

async function pidOfDeadProcess(): Promise<number> {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  return child.pid ?? 0;
}

describe("the lock of a data folder", () => {
  it("names process, time and port, and is gone after its release", async () => {
    const lock = await lockDataFolder(folder, 8085);
    expect(await holder()).toMatchObject({ pid: process.pid, port: 8085, startedAt: expect.stringMatching(/^20/) });
    await lock.release();
    await expect(readFile(lockFile())).rejects.toThrow("ENOENT");
  });

  it("is refused while its holder lives, with words that name the process and the remedy", async () => {
    const lock = await lockDataFolder(folder, 8085);
    await expect(lockDataFolder(folder, 8086)).rejects.toThrow(
      new RegExp(`in use by process ${process.pid} .*port 8085.*SANDBOX_DATA`),
    );
    expect(await holder()).toMatchObject({ port: 8085 });
    await lock.release();
  });

  it("is taken over from a process that is dead", async () => {
    const dead = { pid: await pidOfDeadProcess(), startedAt: "2026-01-01T00:00:00.000Z", port: 1 };
    await writeFile(lockFile(), JSON.stringify(dead));
    const lock = await lockDataFolder(folder, 8085);
    expect(await holder()).toMatchObject({ pid: process.pid });
    await lock.release();
  });

  it("is taken over when another process has got the dead one's number", async () => {
    const reused = { pid: process.pid, startedAt: "2026-01-01T00:00:00.000Z", port: 1, processMark: "another start" };
    await writeFile(lockFile(), JSON.stringify(reused));
    const lock = await lockDataFolder(folder, 8085);
    expect(await holder()).toMatchObject({ port: 8085 });
    await lock.release();
  });

  it("is taken over when a crash cut the file off", async () => {
    await writeFile(lockFile(), '{"pid": 12');
    const lock = await lockDataFolder(folder, 8085);
    expect(await holder()).toMatchObject({ pid: process.pid });
    await lock.release();
  });
});
