import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = resolve(__dirname, "../../..");
const started: ChildProcess[] = [];
let folder: string;
let origin: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sandbox-process-"));
});
afterAll(async () => {
  for (const child of started) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

interface Running {
  readonly child: ChildProcess;
  readonly words: () => string;
  readonly ended: Promise<unknown[]>;
}

function run(environment: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, ["--import", "tsx", "sandbox/main.ts"], {
    cwd: ROOT,
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      PORT: "0",
      ENCRYPTION_KEY: "0123456789abcdef0123456789abcdef",
      AUTH_SECRET: "test",
      SANDBOX_DATA: folder,
      SANDBOX_FAULTS: "1",
      ...environment,
    },
  });
  started.push(child);
  let words = "";
  child.stdout.on("data", (chunk: Buffer) => (words += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (words += chunk.toString()));
  return { child, words: () => words, ended: once(child, "exit") };
}

async function untilListening({ child, words, ended }: Running): Promise<void> {
  while (!words().includes("Listening on")) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`ended with ${child.exitCode}: ${words()}`);
    await Promise.race([once(child.stdout ?? child, "data"), ended]);
  }
  origin = /Listening on (\S+)/.exec(words())?.[1] ?? "";
}

const post = (path: string, body: unknown): Promise<Response> =>
  fetch(origin + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const administrator = { email: "a@example.com", password: "Str0ng-Passw0rd!", firstName: "Ada" };

describe("the sandbox as a process", () => {
  it("keeps what was committed when it is killed, takes its own stale lock over, and closes cleanly", async () => {
    const first = run();
    await untilListening(first);
    expect(first.words()).toContain("sandbox, not Infisical");
    await post("/__sandbox/faults", [{ path: "admin/signup", kind: "exit-after" }]);
    await expect(post("/api/v1/admin/signup", administrator)).rejects.toThrow("fetch failed");
    expect(await first.ended).toEqual([null, "SIGKILL"]);

    const second = run();
    await untilListening(second);
    expect((await post("/api/v3/auth/login", administrator)).status).toBe(200);

    second.child.kill("SIGTERM");
    expect(await second.ended).toEqual([0, null]);
    await expect(readFile(join(folder, "lock.json"))).rejects.toThrow("ENOENT");
  }, 120_000);

  it("exits with 255 when AUTH_SECRET is missing", async () => {
    const refused = run({ AUTH_SECRET: "" });
    expect(await refused.ended).toEqual([255, null]);
    expect(refused.words()).toContain("AUTH_SECRET");
  }, 60_000);
});
