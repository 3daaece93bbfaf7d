import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { parse, stringify } from "yaml";
import { bringUp } from "../../cli/core/bring-up";
import { PROVIDER_CACHE, ROOT } from "../../cli/core/places";
import { askPulumi, ensureStack, stackExists, stackOutputs, type Outcome } from "../../cli/core/pulumi";
import { readStack, type StackResource } from "../../cli/core/state";
import { readTools, standInsOf } from "../../cli/core/tools";
import type { Workspace } from "../../cli/core/workspace";
import { freePort } from "./free-port";
import { isAlive, sandboxPid, thingsOf } from "./leftovers";

/** A Pulumi home with a file backend of its own, in a folder that goes with it. */
export class TestBackend {
  readonly folder = mkdtempSync(join(tmpdir(), "infisical-stack-test-"));
  readonly env: NodeJS.ProcessEnv;
  private readonly tools = readTools();

  /** @param extra further environment variables of the Pulumi CLI; they reach the sandbox, too. */
  constructor(extra: { [name: string]: string } = {}) {
    for (const name of ["home", "state", "stacks"]) mkdirSync(join(this.folder, name), { mode: 0o700 });
    writeFileSync(join(this.folder, "stacks", "Pulumi.yaml"), "name: infisical\nruntime: nodejs\n");
    const { PATH = "", HOME, TMPDIR, DOCKER_HOST } = process.env;
    this.env = {
      HOME,
      ...(TMPDIR === undefined ? {} : { TMPDIR }),
      ...(DOCKER_HOST === undefined ? {} : { DOCKER_HOST }),
      PATH: [...this.tools.path, ...this.tools.standInPath, PATH].join(delimiter),
      PULUMI_HOME: join(this.folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: randomBytes(12).toString("hex"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      // As our commands do; a suite that takes it away runs the program as a plain `pulumi up` does.
      INFISICAL_PROVIDER_CACHE: PROVIDER_CACHE,
      ...extra,
    };
  }

  /** Where a stack of this backend keeps its file. */
  workspace(stack: string): Workspace {
    const quietFolder = join(this.folder, "stacks");
    return {
      stack,
      env: { ...this.env, PULUMI_STACK: stack },
      configFile: join(quietFolder, `Pulumi.${stack}.yaml`),
      quietFolder,
      ownBackend: undefined,
      standIns: standInsOf(this.tools),
      tools: this.tools,
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface StackOptions {
  target: "docker" | "sandbox" | "external";
  /** Further configuration, keys without `infisical:`. */
  config?: { [key: string]: string };
  /** Further environment variables of the Pulumi CLI. */
  env?: { [name: string]: string };
}

/** How a sandbox of a test differs from one that people start: permissions are not kept for the real server's 10 s. */
const QUICK_PERMISSIONS = { SANDBOX_PERMISSION_DELAY_MS: "300" };

/**
 * A stack of its own for a test: this repository's program, with a backend, a passphrase, a stack file, a port and a
 * name that nothing else uses. {@link TestStack.dispose} destroys it whatever happened, and proves that nothing is left.
 */
export class TestStack {
  readonly workspace: Workspace;
  /** Everything that Pulumi printed, run by run. */
  readonly transcripts: { run: string; text: string }[] = [];
  private readonly pids = new Set<number>();

  private constructor(
    readonly name: string,
    readonly port: number,
    readonly backend: TestBackend,
  ) {
    this.workspace = backend.workspace(name);
  }

  static async open(options: StackOptions): Promise<TestStack> {
    const backend = new TestBackend({ ...QUICK_PERMISSIONS, ...options.env });
    const stack = new TestStack(`t${randomBytes(4).toString("hex")}`, await freePort(), backend);
    stack.configure({ target: options.target, "server.port": String(stack.port), ...options.config });
    await ensureStack(stack.workspace);
    return stack;
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  get configFile(): string {
    return this.workspace.configFile ?? "";
  }

  /** Sets keys of the stack's file; `undefined` takes one out. */
  configure(settings: { [key: string]: string | undefined }): void {
    const file = existing(this.configFile);
    const config: { [key: string]: unknown } = { ...file.config };
    for (const [key, value] of Object.entries(settings)) {
      if (value === undefined) delete config[`infisical:${key}`];
      else config[`infisical:${key}`] = value;
    }
    writeFileSync(this.configFile, stringify({ ...file, config }), { mode: 0o600 });
  }

  /** A key of the stack's file. */
  setting(key: string): unknown {
    return existing(this.configFile).config?.[`infisical:${key}`];
  }

  /** Sets a secret of the configuration; its value goes by standard input, never on a command line. */
  async configureSecret(name: string, value: string): Promise<void> {
    const args = ["config", "set", "--secret", name, "--config-file", this.configFile];
    const running = promisify(execFile)("pulumi", args, { cwd: ROOT, env: this.workspace.env });
    running.child.stdin?.end(value);
    await running;
  }

  /**
   * Changes the blueprint: at first a copy of the project's, later the changed copy.
   * @param edits texts and what takes their place, everywhere. @throws when a text is not in it.
   */
  editBlueprint(...edits: [from: string, to: string][]): void {
    const file = join(this.backend.folder, "blueprint.yaml");
    const source = existsSync(file) ? file : join(ROOT, "blueprints", "my-rag.yaml");
    let text = readFileSync(source, "utf8");
    for (const [from, to] of edits) {
      if (!text.includes(from)) throw new Error(`"${from}" is not in the blueprint`);
      text = text.replaceAll(from, to);
    }
    writeFileSync(file, text);
    this.configure({ blueprint: file });
  }

  /** Runs the Pulumi CLI and keeps what it prints; a failure is an outcome like any other. */
  async run(args: string[]): Promise<Outcome> {
    const outcome = await askPulumi(this.workspace, args, true);
    this.transcripts.push({ run: `pulumi ${args.join(" ")}`, text: `${outcome.stdout}\n${outcome.stderr}` });
    this.notePid();
    return outcome;
  }

  /** Like {@link run}. @throws with all that was printed when it fails. */
  async must(args: string[]): Promise<Outcome> {
    const outcome = await this.run(args);
    if (outcome.code === 0) return outcome;
    throw new Error(`pulumi ${args.join(" ")}: exit code ${outcome.code}\n${outcome.stdout}\n${outcome.stderr}`);
  }

  up(...options: string[]): Promise<Outcome> {
    return this.must(["up", "--yes", "--skip-preview", ...options]);
  }

  refresh(...options: string[]): Promise<Outcome> {
    return this.must(["refresh", "--yes", "--skip-preview", ...options]);
  }

  /** What `npm run up` does. */
  async bringUp(): Promise<void> {
    await bringUp(this.workspace);
    this.notePid();
  }

  outputs(): Promise<{ [name: string]: unknown }> {
    return stackOutputs(this.workspace);
  }

  async output(name: string): Promise<string> {
    return String((await this.outputs())[name]);
  }

  resources(): Promise<StackResource[]> {
    return readStack(this.workspace);
  }

  /** Process of the stack's sandbox. @throws when none is alive. */
  sandboxPid(): number {
    const pid = sandboxPid(this.name);
    if (pid === undefined || !isAlive(pid)) throw new Error(`the sandbox of ${this.name} does not run`);
    return pid;
  }

  /** What this stack has on the machine, in words; empty after a destroy. */
  async leftovers(): Promise<string[]> {
    return (await thingsOf(this.name, this.pids)).map(({ what }) => what).sort();
  }

  /**
   * Takes the stack down, whatever state it is in, and everything of it that is then still there.
   * @throws when Pulumi's own destroy failed or left something.
   */
  async dispose(): Promise<void> {
    const problems: string[] = [];
    try {
      if (await stackExists(this.workspace)) problems.push(...(await this.destroyed()));
      const left = await thingsOf(this.name, this.pids);
      problems.push(...left.map(({ what }) => `left after destroy: ${what}`));
      for (const thing of left) await thing.remove();
    } finally {
      this.backend.remove();
    }
    if (problems.length > 0) throw new Error(`stack ${this.name} did not go cleanly:\n${problems.join("\n")}`);
  }

  private async destroyed(): Promise<string[]> {
    const protects = (await this.resources()).some(({ protect }) => protect === true);
    if (protects) await this.run(["state", "unprotect", "--all", "--yes"]);
    const { code, stdout, stderr } = await this.run(["destroy", "--yes", "--skip-preview"]);
    return code === 0 ? [] : [`destroy: exit code ${code}\n${stdout}\n${stderr}`];
  }

  private notePid(): void {
    const pid = sandboxPid(this.name);
    if (pid !== undefined) this.pids.add(pid);
  }
}

function existing(file: string): { config?: { [key: string]: unknown } } {
  try {
    return (parse(readFileSync(file, "utf8")) as { config?: { [key: string]: unknown } } | null) ?? {};
  } catch {
    return {};
  }
}
