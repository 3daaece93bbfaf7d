import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { RotationOptions } from "../../cli/commands/rotate";
import { parseDotenv } from "../../cli/core/consumers";
import { LOCAL, ROOT } from "../../cli/core/places";
import { changeRotations } from "../../cli/core/rotations";
import { credentialWorks } from "../../infra/api/session";
import { clientSecretsOf, viewAsAdministrator } from "./server-view";
import { TestStack } from "./stack";

export const IDENTITY = "rag-sdk-identity";
/** Seconds: as short as a rotation on a busy machine allows. */
export const TOKEN_TTL = 5;

const loadReport = z.object({ logins: z.number(), reads: z.number(), failures: z.array(z.string()) });

/** A stack on the sandbox whose one credential is published to an environment file, and what can be seen of it. */
export class RotationStage {
  private constructor(
    readonly stack: TestStack,
    readonly envFile: string,
  ) {}

  static async open(profile: string): Promise<RotationStage> {
    const stack = await TestStack.open({ target: "sandbox", config: { "server.sandboxProfile": profile } });
    const envFile = join(stack.backend.folder, ".env");
    const stage = new RotationStage(stack, envFile);
    try {
      stack.editBlueprint(["{ ttl: 7200, maxTtl: 7200 }", `{ ttl: ${TOKEN_TTL}, maxTtl: ${TOKEN_TTL} }`]);
      await stack.up();
      changeRotations(stack.name, ({ files }) => (files[IDENTITY] = [envFile]));
      await stage.rotateToTheEnd({ wait: true });
    } catch (thrown) {
      await stage.dispose();
      throw thrown;
    }
    return stage;
  }

  async dispose(): Promise<void> {
    rmSync(join(LOCAL, "rotations", `${this.stack.name}.json`), { force: true });
    await this.stack.dispose();
  }

  /** A rotation in a process group of its own; what it prints is kept. */
  startRotation(options: RotationOptions): RunningRotation {
    const child = spawn(process.execPath, ["--import", "tsx", join(ROOT, "test", "support", "rotation-process.ts")], {
      cwd: ROOT,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stdin?.end(JSON.stringify({ workspace: this.stack.workspace, identity: IDENTITY, options }));
    return new RunningRotation(child);
  }

  /** @throws with all that it printed when it fails. */
  async rotateToTheEnd(options: RotationOptions): Promise<void> {
    const rotation = this.startRotation(options);
    const code = await rotation.ended;
    if (code !== 0) throw new Error(`the rotation ended with ${code}:\n${rotation.printed}`);
  }

  async generation(): Promise<number> {
    const found = (await this.stack.resources()).find(({ type }) => type.endsWith("infisical:ClientSecret"));
    return Number(found?.outputs?.generation);
  }

  /** Runs applications until the work is done, and counts. */
  async underLoad(work: () => Promise<void>): Promise<z.output<typeof loadReport> & { mostAlive: number }> {
    const python = join(LOCAL, "venv", "bin", "python");
    const script = join(ROOT, "test", "support", "load_client.py");
    const client = spawn(python, [script, this.envFile, String(TOKEN_TTL)], { stdio: ["pipe", "pipe", "inherit"] });
    let printed = "";
    client.stdout.on("data", (piece: Buffer) => (printed += piece.toString()));
    const ended = new Promise((resolve) => client.once("close", resolve));
    const count = await this.countAlive();
    try {
      await work();
    } finally {
      client.stdin.end();
      await ended;
    }
    const mostAlive = await count.stop();
    return { ...loadReport.parse(JSON.parse(printed.replace("ready\n", ""))), mostAlive };
  }

  /** Looks all the time how many client secrets are alive, as the administrator sees them. */
  async countAlive(): Promise<{ stop: () => Promise<number> }> {
    const outputs = await this.stack.outputs();
    const view = await viewAsAdministrator(outputs);
    const stopping = new AbortController();
    let most = 0;
    const looking = (async () => {
      while (!stopping.signal.aborted) {
        most = Math.max(most, (await clientSecretsOf(view, String(outputs.identityId))).length);
        await pause(50);
      }
    })();
    const stop = async (): Promise<number> => {
      stopping.abort();
      await looking;
      await view.close();
      return most;
    };
    return { stop };
  }

  async alive(): Promise<number> {
    const outputs = await this.stack.outputs();
    const view = await viewAsAdministrator(outputs);
    try {
      return (await clientSecretsOf(view, String(outputs.identityId))).length;
    } finally {
      await view.close();
    }
  }

  /** What an application would find in the file; nothing when that would not let it in. */
  async published(): Promise<{ clientId: string; clientSecret: string; url: string } | undefined> {
    if (!existsSync(this.envFile) || (statSync(this.envFile).mode & 0o777) !== 0o600) return undefined;
    const variables = parseDotenv(readFileSync(this.envFile, "utf8"));
    const { INFISICAL_HOST = "", INFISICAL_CLIENT_ID = "", INFISICAL_CLIENT_SECRET = "" } = variables;
    const credential = { url: INFISICAL_HOST, clientId: INFISICAL_CLIENT_ID, clientSecret: INFISICAL_CLIENT_SECRET };
    return (await credentialWorks(credential)) ? credential : undefined;
  }
}

/** A rotation under way. */
export class RunningRotation {
  printed = "";
  /** Its exit code; nothing when it was killed. */
  readonly ended: Promise<number | null>;

  constructor(private readonly child: ChildProcess) {
    const keep = (piece: Buffer): void => void (this.printed += piece.toString());
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    this.ended = new Promise((resolve) => child.once("close", (code) => resolve(code)));
  }

  /** Kills it and all that it started as soon as it has printed this. @returns whether that was in time. */
  async killAt(text: RegExp): Promise<boolean> {
    let over = false;
    void this.ended.then(() => (over = true));
    while (!text.test(this.printed)) {
      if (over) return false;
      await pause(5);
    }
    process.kill(-(this.child.pid ?? 0), "SIGKILL");
    await this.ended;
    return true;
  }
}
