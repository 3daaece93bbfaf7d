import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { join } from "node:path";
import { ROOT } from "../../cli/core/places";
import { invocation } from "../../cli/core/pulumi";
import { runningProcesses } from "../../cli/core/processes";
import { takeCensus, type Census } from "./census";
import { ADMINISTRATOR, API_KEY } from "./program-lab";
import { TestStack } from "./stack";

/** A kill of a whole run: the real CLI, its plugins as processes, and the sandbox as one. */
export interface WholeKill {
  victim: "cli" | "provider" | "server";
  when: "before" | "after";
  /** Which of the requests that change something, counted from 1. */
  request: number;
}

/** Time to find and kill the victim while the request is held. */
const HELD = 20_000;

interface Log {
  requests: { method: string; path: string; status: number | null; fault?: string }[];
}

/** A stack on the sandbox whose runs can be killed at a request, and what its server has after that. */
export class WholeStack {
  constructor(readonly stack: TestStack) {}

  static async open(): Promise<WholeStack> {
    const stack = await TestStack.open({ target: "sandbox", env: { SANDBOX_FAULTS: "1" } });
    await stack.configureSecret("admin.password", ADMINISTRATOR.password);
    await stack.configureSecret("OPENAI_API_KEY", API_KEY);
    return new WholeStack(stack);
  }

  /** Starts `pulumi up` and kills as told. @returns the request that it hit. */
  async killedUp(kill: WholeKill): Promise<string> {
    const run = this.start(["up", "--yes", "--skip-preview"]);
    try {
      await this.order(kill);
      if (kill.victim === "server") {
        await ended(run);
        return `request ${kill.request}`;
      }
      const hit = await this.untilHeld(kill);
      process.kill(kill.victim === "cli" ? (run.pid ?? 0) : providerOf(run.pid ?? 0), "SIGKILL");
      await ended(run);
      return hit;
    } finally {
      run.kill("SIGKILL");
    }
  }

  /** Starts `pulumi up` and kills the CLI as soon as the check says so. */
  async killedWhen(args: string[], reached: () => Promise<boolean>): Promise<boolean> {
    const run = this.start(args);
    let hit = false;
    while (run.exitCode === null && !hit) {
      hit = await reached();
      if (!hit) await pause(20);
    }
    run.kill("SIGKILL");
    await ended(run);
    return hit;
  }

  /** `npm run up`, or `npm run down`. @returns exit code and what it printed. */
  async again(command: "up" | "down"): Promise<{ code: number; text: string }> {
    const script = join("test", "support", "up-again.ts");
    const child = spawn(process.execPath, ["--import", "tsx", script, command], {
      cwd: ROOT,
      env: { ...process.env, INFISICAL_STANDINS: "1" },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => (text += piece.toString()));
    child.stdin.end(JSON.stringify(this.stack.workspace));
    await ended(child);
    return { code: child.exitCode ?? 1, text };
  }

  census(): Promise<Census> {
    return takeCensus(this.stack.url, ADMINISTRATOR);
  }

  private start(commandLine: string[]): ChildProcess {
    const { args, cwd } = invocation(this.stack.workspace, commandLine);
    return spawn("pulumi", args, { cwd, env: this.stack.workspace.env, stdio: "ignore" });
  }

  /** Orders the kill as soon as the server is there, long before the gate lets the first request through. */
  private async order({ victim, when, request }: WholeKill): Promise<void> {
    const kind = victim === "server" ? `exit-${when}` : when === "before" ? "hang" : "hang-after";
    const rule = { method: ["POST", "PATCH", "DELETE"], path: "^/api/", kind, ms: HELD, nth: request };
    for (let waited = 0; waited < 120_000; waited += 20) {
      const done = await post(`${this.stack.url}/__sandbox/faults`, rule).catch(() => false);
      if (done) return;
      await pause(20);
    }
    throw new Error("the sandbox did not come up");
  }

  private async untilHeld({ when }: WholeKill): Promise<string> {
    for (let waited = 0; waited < 120_000; waited += 50) {
      const answer = await fetch(`${this.stack.url}/__sandbox/requests`).catch(() => undefined);
      const log = answer === undefined ? { requests: [] } : ((await answer.json()) as Log);
      const held = log.requests.find(({ fault }) => fault !== undefined);
      if (held !== undefined && (when === "before" || held.status !== null)) return `${held.method} ${held.path}`;
      await pause(50);
    }
    throw new Error("the request that was to be held was not made");
  }
}

async function post(url: string, body: object): Promise<boolean> {
  const headers = { "content-type": "application/json" };
  return (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).ok;
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once("close", () => resolve()));
}

/** The dynamic provider of this CLI: told by the engine's address, which its siblings are given, too. */
function providerOf(cli: number): number {
  const family = descendants(cli);
  const provider = runningProcesses().find(
    ({ pid, command }) => family.has(pid) && /node.*cmd\/dynamic-provider/.test(command),
  );
  if (provider === undefined) throw new Error("the provider's process is not found");
  return provider.pid;
}

function descendants(root: number): Set<number> {
  const all = runningProcesses();
  const family = new Set([root]);
  for (let grown = true; grown;) {
    const children = all.filter(({ pid, parent }) => family.has(parent) && !family.has(pid));
    for (const { pid } of children) family.add(pid);
    grown = children.length > 0;
  }
  return family;
}
