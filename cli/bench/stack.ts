import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { Failure } from "../core/failure";
import { ROOT } from "../core/places";
import { ProviderMemory } from "./provider-memory";

/** One Pulumi program with a backend of its own. */
export interface BenchProgram {
  /** Name of the Pulumi project. */
  project: string;
  folder: string;
  config: { [key: string]: string };
  env: NodeJS.ProcessEnv;
  /** Arguments of `up`, `refresh` and `destroy`. */
  options: string[];
}

/** Wall time of a run in seconds, and the most memory that its provider process took, in MiB (0: not seen). */
export interface Run {
  seconds: number;
  providerMiB: number;
}

/** A stack of the benchmark: runs the CLI, and measures from outside how long it takes. */
export class BenchStack {
  private readonly env: NodeJS.ProcessEnv;
  private readonly quiet: string;
  private readonly configFile: string;

  constructor(
    private readonly folder: string,
    private readonly name: string,
    private readonly program: BenchProgram,
    env: NodeJS.ProcessEnv,
  ) {
    this.quiet = join(folder, name);
    this.configFile = join(this.quiet, `Pulumi.${name}.yaml`);
    mkdirSync(join(folder, "state"), { recursive: true, mode: 0o700 });
    mkdirSync(this.quiet, { recursive: true, mode: 0o700 });
    writeFileSync(join(this.quiet, "Pulumi.yaml"), `name: ${program.project}\nruntime: nodejs\n`);
    writeFileSync(this.configFile, stringify({ config: program.config }), { mode: 0o600 });
    this.env = {
      ...env,
      ...program.env,
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: randomBytes(12).toString("hex"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
    delete this.env.PULUMI_CONFIG_PASSPHRASE_FILE;
  }

  async init(): Promise<void> {
    await this.pulumi(this.quiet, ["stack", "init", this.name, "--no-select"]);
  }

  up(): Promise<Run> {
    return this.run(["up", "--yes", "--skip-preview", ...this.program.options]);
  }

  preview(): Promise<Run> {
    return this.run(["preview", "--expect-no-changes"]);
  }

  refresh(): Promise<Run> {
    return this.run(["refresh", "--yes", "--skip-preview", ...this.program.options]);
  }

  destroy(): Promise<Run> {
    return this.run(["destroy", "--yes", "--skip-preview", ...this.program.options]);
  }

  /** Bytes of the state file. */
  stateBytes(): number {
    const file = join(this.folder, "state", ".pulumi", "stacks", this.program.project, `${this.name}.json`);
    return statSync(file).size;
  }

  private run(args: string[]): Promise<Run> {
    return this.pulumi(this.program.folder, [...args, "--stack", this.name, "--config-file", this.configFile]);
  }

  private async pulumi(cwd: string, args: string[]): Promise<Run> {
    const started = process.hrtime.bigint();
    const child = spawn("pulumi", [...args, "--non-interactive"], {
      cwd,
      env: this.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const memory = new ProviderMemory(child.pid ?? 0);
    let printed = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (piece: Buffer) => (printed += piece.toString()));
    const code = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    const providerMiB = memory.stop();
    if (code !== 0) throw new Failure(`pulumi ${args[0]} failed in the benchmark:\n${printed.trimEnd()}`);
    return { seconds, providerMiB };
  }
}

/** A copy of one of the benchmark's own programs, beside the packages that it needs. */
export function copyProgram(folder: string, name: "empty" | "one-per-key"): string {
  const copy = join(folder, "programs", name);
  if (existsSync(copy)) return copy;
  cpSync(join(ROOT, "cli", "bench", "programs", name), copy, { recursive: true });
  cpSync(join(ROOT, "tsconfig.json"), join(folder, "programs", "tsconfig.json"));
  cpSync(join(ROOT, "infra", "tsconfig.json"), join(copy, "tsconfig.json"));
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  return copy;
}
