import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withLock } from "../../../tools/setup/lock.mjs";

let folder: string;
let lock: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-"));
  lock = join(folder, "below", "setup.lock");
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

function heldBy(pid: number): void {
  mkdirSync(lock, { recursive: true });
  writeFileSync(join(lock, "pid"), String(pid));
}

describe("withLock", () => {
  it("holds the lock with its pid while it works and gives it back after a failure too", async () => {
    const work = async (): Promise<never> => {
      expect(readFileSync(join(lock, "pid"), "utf8")).toBe(String(process.pid));
      throw new Error("failed half-way");
    };
    await expect(withLock(lock, work)).rejects.toThrow("failed half-way");
    expect(existsSync(lock)).toBe(false);
  });

  it("lets one work at a time and tells the other why it waits", async () => {
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    await Promise.all([withLock(lock, work), withLock(lock, work)]);
    expect(most).toBe(1);
    expect(said.mock.calls.flat().join("")).toContain(`another set-up (pid ${process.pid}) is at work here`);
  });

  it("takes over the lock of a set-up that was killed", async () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    heldBy(pid);
    await expect(withLock(lock, () => "done")).resolves.toBe("done");
  });

  it("waits for the programs that a killed set-up left running", async () => {
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
    heldBy(spawnSync(process.execPath, ["--version"]).pid);
    const left = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "ignore", "ignore"] });
    let running = true;
    left.once("close", () => (running = false));
    writeFileSync(join(lock, `child-${left.pid}`), "");
    setTimeout(() => left.stdin.end(), 200);
    await withLock(lock, () => expect(running).toBe(false));
  });

  it("takes over a lock whose pid is somebody else's by now, when nobody has touched it for long", async () => {
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
    heldBy(process.pid);
    await expect(withLock(lock, () => "done", 300)).resolves.toBe("done");
  });
});
