import { execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type * as pulumi from "@pulumi/pulumi";
import { optionalNumber } from "../api/answer";
import { refusal } from "../api/fault";
import { FINGERPRINT_FILE, fingerprintOf } from "../key-fingerprint";
import { defineProvider, type Known, type Save } from "./crud";
import { DynamicResource } from "./dynamic-resource";

interface Inputs {
  /** Loopback port. */
  port: number;
  /** Folder of the project, from which the sandbox is started. */
  root: string;
  /** Folder of its data, below the root. */
  dataFolder: string;
  keys: { encryptionKey: string; authSecret: string };
  /** Which server it resembles: `v0.159.22` or `recorded`. */
  profile: string;
}

interface Outputs {
  /** What this is, for everybody who looks at the state. */
  description: string;
  running: boolean;
}

type State = Inputs & Outputs;

const sandboxServerProvider = defineProvider<Inputs, Outputs>({
  noun: "SandboxServer",
  title: (inputs) => `on port ${inputs.port}`,
  revision: 1,
  secrets: ["keys.encryptionKey", "keys.authSecret"],
  replaceOn: ["dataFolder"],
  converge,
  read,
  remove,
});

const DESCRIPTION = "sandbox, not Infisical";

async function converge(inputs: Inputs, known: Known<State> | undefined, save: Save<Outputs>) {
  const id = inputs.dataFolder;
  const changed =
    known !== undefined && (["port", "root", "profile"] as const).some((name) => known.state[name] !== inputs[name]);
  if (changed) await stop(known.state);
  if (!(await isServing(inputs))) {
    save(id, { description: DESCRIPTION, running: false });
    refuseOtherKey(inputs);
    await awaitServing(inputs, start(inputs));
    writeFileSync(fingerprintFile(inputs), `${fingerprintOf(inputs.keys.encryptionKey)}\n`, { mode: 0o600 });
  }
  return { id, outputs: { description: DESCRIPTION, running: true } };
}

/** The data says with which key it was written, so that another one is noticed before the sandbox tries it. */
function refuseOtherKey(inputs: Inputs): void {
  const file = fingerprintFile(inputs);
  if (!existsSync(file)) return;
  const beside = readFileSync(file, "utf8").trim();
  const ours = fingerprintOf(inputs.keys.encryptionKey);
  if (beside === ours) return;
  throw refusal(
    `its data in ${inputs.dataFolder} was written with another key (fingerprint ${beside}) than the one in the state (${ours}). ` +
      "Find the state that belongs to it, restore a backup, or delete the folder.",
  );
}

function fingerprintFile(inputs: Inputs): string {
  return join(inputs.root, inputs.dataFolder, FINGERPRINT_FILE);
}

/**
 * Starts the process on its own, so that it outlives this run. Its keys travel by environment, never as arguments.
 * @returns its number.
 */
function start(inputs: Inputs): number | undefined {
  const folder = join(inputs.root, inputs.dataFolder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const log = openSync(logOf(inputs), "a", 0o600);
  const child = spawn(process.execPath, ["--import", "tsx", join("sandbox", "main.ts")], {
    cwd: inputs.root,
    detached: true,
    stdio: ["ignore", log, log],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      HOST: "127.0.0.1",
      PORT: String(inputs.port),
      SITE_URL: `http://localhost:${inputs.port}`,
      SANDBOX_DATA: folder,
      SANDBOX_PROFILE: inputs.profile,
      ENCRYPTION_KEY: inputs.keys.encryptionKey,
      AUTH_SECRET: inputs.keys.authSecret,
      ...testSettings(),
    },
  });
  child.unref();
  closeSync(log);
  return child.pid;
}

/** What tests set for the sandbox in the environment of the command goes on to it. */
function testSettings(): { [name: string]: string | undefined } {
  const { SANDBOX_FAULTS, SANDBOX_PERMISSION_DELAY_MS } = process.env;
  return { SANDBOX_FAULTS, SANDBOX_PERMISSION_DELAY_MS };
}

/** A busy machine may take long to get to the lock file, so the process itself tells whether there is hope. */
async function awaitServing(inputs: Inputs, process: number | undefined): Promise<void> {
  const WITHIN = 120_000;
  const started = Date.now();
  while (!(await isServing(inputs))) {
    const dead = process === undefined || !isAlive(process);
    if (dead || Date.now() - started > WITHIN) {
      throw refusal(`it does not answer. The last lines of its log:\n${logTail(inputs)}`);
    }
    await pause(100);
  }
}

/** Whether our own sandbox answers on the port: the process that its data folder names, and no other. */
async function isServing(inputs: Inputs): Promise<boolean> {
  const pid = processOf(inputs);
  return pid !== undefined && isAlive(pid) && (await answeringProcess(inputs.port)) === String(pid);
}

/** The process id that a sandbox gives with every answer; nothing when none answers, or something else does. */
async function answeringProcess(port: number): Promise<string | null> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/status`, { signal: AbortSignal.timeout(10_000) });
    await response.arrayBuffer();
    return response.ok ? response.headers.get("x-infisical-sandbox-pid") : null;
  } catch {
    return null;
  }
}

async function read(_id: string, state: State) {
  const running = await isServing(state);
  const { port, root, dataFolder, keys, profile } = state;
  return {
    inputs: { port, root, dataFolder, keys, profile },
    outputs: { description: DESCRIPTION, running },
    complete: running,
  };
}

async function remove(_id: string, state: State): Promise<void> {
  await stop(state);
  rmSync(join(state.root, state.dataFolder), { recursive: true, force: true });
}

/** Ends the process that the data folder names, politely first. */
async function stop(state: Inputs): Promise<void> {
  const pid = processOf(state);
  if (pid === undefined) return;
  for (const [signal, seconds] of [
    ["SIGTERM", 10],
    ["SIGKILL", 5],
  ] as const) {
    if (!isAlive(pid)) return;
    process.kill(pid, signal);
    for (let waited = 0; waited < seconds * 10 && isAlive(pid); waited += 1) await pause(100);
  }
}

/**
 * The process that the lock file in the data folder names, if it is a sandbox: once the machine was restarted, its
 * number may be that of any other program.
 */
function processOf(inputs: Inputs): number | undefined {
  try {
    const lock: unknown = JSON.parse(readFileSync(join(inputs.root, inputs.dataFolder, "lock.json"), "utf8"));
    const pid = optionalNumber(lock, "pid");
    return pid !== undefined && commandOf(pid).includes(join("sandbox", "main.ts")) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function commandOf(pid: number): string {
  return process.platform === "linux"
    ? readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").join(" ")
    : execFileSync("ps", ["-ww", "-o", "args=", "-p", String(pid)], { encoding: "utf8" });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function logOf(inputs: Inputs): string {
  return join(inputs.root, inputs.dataFolder, "sandbox.log");
}

function logTail(inputs: Inputs): string {
  try {
    return readFileSync(logOf(inputs), "utf8").trimEnd().split("\n").slice(-10).join("\n");
  } catch {
    return "(it has no log)";
  }
}

export interface SandboxServerArgs {
  port: number;
  root: string;
  dataFolder: string;
  keys: { encryptionKey: pulumi.Input<string>; authSecret: pulumi.Input<string> };
  profile: string;
}

/** The sandbox as a process of this machine. It outlives `pulumi up`; destroying it ends it and deletes its data. */
export class SandboxServer extends DynamicResource {
  constructor(name: string, args: SandboxServerArgs, opts?: pulumi.CustomResourceOptions) {
    const inputs = { ...args, description: undefined, running: undefined };
    super(sandboxServerProvider, name, inputs, opts, "infisical", "SandboxServer");
  }
}
