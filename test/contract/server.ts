import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { send } from "./http.js";

/** A sandbox of its own for one instance of the recording. */
export interface SandboxServer {
  origin: string;
  /** Ends the process and removes its data. */
  stop(): Promise<void>;
}

const START_LIMIT_MS = 60_000;

/**
 * Starts an empty sandbox with the recorded server's profile on a free port of the loopback interface.
 *
 * @param permissionDelayMs what stands for the real server's 10 s.
 * @param settings further environment variables.
 * @throws Error with the process's own words when it ends or does not answer within a minute.
 */
export async function startSandbox(
  permissionDelayMs: number,
  settings: Record<string, string>,
): Promise<SandboxServer> {
  const data = await mkdtemp(join(tmpdir(), "contract-"));
  const port = await freePort();
  const child = spawn(process.execPath, ["--import", "tsx", "sandbox/main.ts"], {
    cwd: resolve(__dirname, "../.."),
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      HOST: "127.0.0.1",
      PORT: String(port),
      ENCRYPTION_KEY: randomBytes(16).toString("hex"),
      AUTH_SECRET: randomBytes(32).toString("base64"),
      SANDBOX_DATA: join(data, "store"),
      SANDBOX_PROFILE: "recorded",
      SANDBOX_PERMISSION_DELAY_MS: String(permissionDelayMs),
      ...settings,
    },
  });
  const words = collectOutput(child);
  const stop = async (): Promise<void> => {
    await endProcess(child);
    await rm(data, { recursive: true, force: true });
  };
  const origin = `http://127.0.0.1:${port}`;
  try {
    await untilReady(origin, child, words);
  } catch (problem) {
    await stop();
    throw problem;
  }
  return { origin, stop };
}

function collectOutput(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      text = (text + chunk.toString("utf8")).slice(-4_000);
    });
  }
  return () => text;
}

async function untilReady(origin: string, child: ChildProcess, words: () => string): Promise<void> {
  const limit = Date.now() + START_LIMIT_MS;
  while (Date.now() < limit) {
    if (child.exitCode !== null) throw new Error(`the sandbox ended with ${child.exitCode}:\n${words()}`);
    const request = { method: "GET", path: "/api/status", headers: {}, body: null };
    const answer = await send(origin, request).catch(() => undefined);
    if (answer?.status === 200) return;
    await sleep(100);
  }
  throw new Error(`the sandbox did not answer within ${START_LIMIT_MS / 1000} s:\n${words()}`);
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  await Promise.race([ended, sleep(5_000, undefined, { ref: false }).then(() => child.kill("SIGKILL"))]);
  await ended;
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === "object") done(address.port);
        else fail(new Error("the system gave no port"));
      });
    });
  });
}
