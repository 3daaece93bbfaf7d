import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SandboxServer } from "../../../infra/resources/sandbox-server";
import { freePort } from "../../support/free-port";
import { clear, ResourceEngine } from "../../support/resource-engine";

/** Stands for the sandbox: same lock, same status route, and it notes what it was started with. */
const PROGRAM = `
import { createServer } from "node:http";
import { rmSync, writeFileSync } from "node:fs";
const folder = process.env.SANDBOX_DATA ?? "";
const server = createServer((_request, response) => {
  response.setHeader("content-type", "application/json");
  response.setHeader("x-infisical-sandbox-pid", String(process.pid));
  response.end(JSON.stringify({ message: "Ok" }));
});
server.listen(Number(process.env.PORT), process.env.HOST, () => {
  const { pid, argv, env } = process;
  writeFileSync(folder + "/lock.json", JSON.stringify({ pid, argv, env }));
});
// No test takes this long; one that is stopped half-way leaves nothing behind.
setTimeout(() => process.exit(1), 120_000).unref();
process.on("SIGTERM", () => {
  rmSync(folder + "/lock.json");
  process.exit(0);
});
`;

const KEYS = { encryptionKey: "s3cret-encryption", authSecret: "s3cret-auth" };
const FOLDER = join("data", "sandbox");

let root: string;
let port: number;
let engine: ResourceEngine;
const started = new Set<number>();

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "sandbox-server-"));
  mkdirSync(join(root, "sandbox"));
  writeFileSync(join(root, "sandbox", "main.ts"), PROGRAM);
  symlinkSync(resolve("node_modules"), join(root, "node_modules"));
  port = await freePort();
  engine = new ResourceEngine(sandbox());
});

afterEach(() => {
  if (existsSync(join(root, FOLDER, "lock.json"))) lock();
  for (const pid of started) if (isAlive(pid)) process.kill(pid, "SIGKILL");
  started.clear();
  rmSync(root, { recursive: true, force: true });
});

function sandbox(more: { port?: number; profile?: string } = {}): () => SandboxServer {
  const args = { port, root, dataFolder: FOLDER, keys: KEYS, profile: "v0.159.22", ...more };
  return () => new SandboxServer("sandbox", args);
}

interface Lock {
  pid: number;
  argv: string[];
  env: { [name: string]: string };
}

function lock(): Lock {
  const read = JSON.parse(readFileSync(join(root, FOLDER, "lock.json"), "utf8")) as Lock;
  started.add(read.pid);
  return read;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function answers(at = port): Promise<boolean> {
  return fetch(`http://127.0.0.1:${at}/api/status`).then(
    (response) => response.ok,
    () => false,
  );
}

describe("the sandbox's process", () => {
  it("is started once on loopback, with its keys in the environment only, and a log that only its owner reads", async () => {
    expect(await engine.up()).toBe("created");
    const { pid, argv, env } = lock();
    expect(await answers()).toBe(true);
    expect(env).toMatchObject({ HOST: "127.0.0.1", ENCRYPTION_KEY: "s3cret-encryption", AUTH_SECRET: "s3cret-auth" });
    expect(env).not.toHaveProperty("PULUMI_CONFIG_PASSPHRASE");
    expect(argv.join(" ")).not.toContain("s3cret");
    expect(statSync(join(root, FOLDER, "sandbox.log")).mode & 0o777).toBe(0o600);
    expect(clear(engine.state?.outputs)).not.toContain("s3cret");
    expect(engine.state?.outputs.description).toBe("sandbox, not Infisical");

    expect(await engine.up()).toBe("unchanged");
    expect(await engine.refresh()).toBe("same");
    expect(await engine.up()).toBe("unchanged");
    expect(lock().pid).toBe(pid);
  });

  it("that is dead is seen by a refresh and started again, with its data", async () => {
    await engine.up();
    const { pid } = lock();
    writeFileSync(join(root, FOLDER, "data"), "kept");
    process.kill(pid, "SIGKILL");
    await expect.poll(() => isAlive(pid)).toBe(false);
    await engine.refresh();
    expect(engine.state?.outputs).toMatchObject({ running: false, complete: false });
    expect(await engine.up()).toBe("updated");
    expect(lock().pid).not.toBe(pid);
    expect(readFileSync(join(root, FOLDER, "data"), "utf8")).toBe("kept");
  });

  it("moves to another port with its data", async () => {
    await engine.up();
    const { pid } = lock();
    const other = await freePort();
    expect(await engine.up(sandbox({ port: other }))).toBe("updated");
    expect([isAlive(pid), await answers(), await answers(other)]).toEqual([false, false, true]);
    lock();
  });

  it("ends with the stack, and its data with it", async () => {
    await engine.up();
    const { pid } = lock();
    await engine.destroy();
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(join(root, FOLDER))).toBe(false);
  });

  it("is never taken for another program that has got its number meanwhile", async () => {
    await engine.up();
    const { pid } = lock();
    process.kill(pid, "SIGKILL");
    const stranger = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "ignore", "ignore"] });
    started.add(stranger.pid ?? 0);
    writeFileSync(join(root, FOLDER, "lock.json"), JSON.stringify({ pid: stranger.pid }));
    await engine.refresh();
    expect(engine.state?.outputs.running).toBe(false);
    await engine.destroy();
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  });

  it("that ends at once fails with the last lines of its log, and is tried again", async () => {
    writeFileSync(join(root, "sandbox", "main.ts"), 'console.error("refused: the data needs another key");');
    await expect(engine.up()).rejects.toThrow(/could not create SandboxServer .*\nrefused: the data needs another key/);
    writeFileSync(join(root, "sandbox", "main.ts"), PROGRAM);
    expect(await engine.up()).toBe("updated");
    lock();
  });
});
