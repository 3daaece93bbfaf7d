import { execFile, execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { LOCAL, ROOT } from "../../cli/core/places";
import { freePort } from "../support/free-port";
import type { Block } from "./blocks";

/** How a block came out. */
export interface Outcome {
  state: "done" | "failed" | "not reached";
  /** All that was printed. */
  text: string;
}

/** What is expensive to make and never changes by itself; everything else of the copy is thrown away. */
const KEPT = ["node_modules", join("examples", "node", "node_modules"), join(".local", "venv"), join(".local", "bin")];
/** Stacks that the guides name. */
const STACKS = ["dev", "sandbox"];

/**
 * A copy of the project for the commands of the guides: its own state, passphrase, stacks and ports. The stack `dev` is
 * on the sandbox there, since the guides are about commands and not about Docker; a page that needs Docker gets it.
 */
export class DocsLab {
  readonly folder: string;
  private readonly env = environment();

  /** @param name tells labs apart that are used at the same time. */
  constructor(name: string) {
    this.folder = join(LOCAL, "docs-lab", name);
  }

  /** Makes the copy anew, after what a broken run before it may have left. */
  async open(): Promise<void> {
    await this.takeDown();
    const kept = `${this.folder}-kept`;
    moveParts(this.folder, kept);
    rmSync(this.folder, { recursive: true, force: true });
    for (const file of projectFiles()) {
      mkdirSync(dirname(join(this.folder, file)), { recursive: true });
      cpSync(join(ROOT, file), join(this.folder, file));
    }
    moveParts(kept, this.folder);
    rmSync(kept, { recursive: true, force: true });
    for (const part of KEPT) if (part !== join(".local", "venv")) this.linkFromProject(part);
    execFileSync("git", ["init", "--quiet"], { cwd: this.folder });
    await this.serveBy("dev", "sandbox");
    await this.serveBy("sandbox", "sandbox");
  }

  /** Says what serves the API of a stack, on a port of its own. */
  async serveBy(stack: string, target: "sandbox" | "docker"): Promise<void> {
    const port = String(await freePort());
    const config = { "infisical:target": target, "infisical:server.port": port };
    writeFileSync(join(this.folder, `Pulumi.${stack}.yaml`), stringify({ config }));
  }

  /** Takes a stack down and forgets its settings. */
  async startOver(stack: string, target: "sandbox" | "docker"): Promise<void> {
    if (this.isUp(stack)) await this.type("down", "--", "--stack", stack);
    for (const copy of [`Pulumi.${stack}.yaml`, `tracked.${stack}.yaml`]) {
      rmSync(join(this.folder, ".local", "stacks", copy), { force: true });
    }
    await this.serveBy(stack, target);
  }

  isUp(stack: string): boolean {
    return existsSync(join(this.folder, ".local", "state", ".pulumi", "stacks", "infisical", `${stack}.json`));
  }

  /** @throws with the end of what was printed. */
  async type(...args: string[]): Promise<void> {
    const options = { cwd: this.folder, env: this.env, maxBuffer: 64 << 20 };
    await promisify(execFile)("npm", ["run", "-s", ...args], options).catch(
      ({ stdout, stderr }: { stdout: string; stderr: string }) => {
        throw new Error(`npm run ${args.join(" ")}:\n${`${stdout}\n${stderr}`.slice(-3_000)}`);
      },
    );
  }

  /** Types the blocks of a page one after the other into one shell; it ends at the first command that fails. */
  async session(blocks: Block[]): Promise<Outcome[]> {
    const script = join(this.folder, ".local", "session.sh");
    const parts = blocks.map(({ commands }, index) => {
      const input = join(this.folder, ".local", `input-${index}`);
      writeFileSync(input, blocks[index]?.input ?? "");
      return `echo "${MARK} ${index} begins"\n{\n${commands}\n} < "${input}"\necho "${MARK} ${index} ends"\n`;
    });
    writeFileSync(script, ["set -euo pipefail", "exec 2>&1", ...parts].join("\n"));
    const text = await this.run("bash", [script]);
    return blocks.map((_, index) => outcomeOf(text, index));
  }

  /** Takes down every stack of the copy that is there. */
  async takeDown(): Promise<void> {
    for (const stack of STACKS) if (this.isUp(stack)) await this.type("down", "--", "--stack", stack);
  }

  private linkFromProject(part: string): void {
    const [from, to] = [join(ROOT, part), join(this.folder, part)];
    if (existsSync(to) || !existsSync(from)) return;
    mkdirSync(dirname(to), { recursive: true });
    try {
      execFileSync("cp", ["-al", from, to], { stdio: "ignore" });
    } catch {
      // No hard links here.
      rmSync(to, { recursive: true, force: true });
      execFileSync("cp", ["-R", from, to]);
    }
  }

  private run(command: string, args: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn(command, args, { cwd: this.folder, env: this.env, stdio: ["ignore", "pipe", "pipe"] });
      let text = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (piece: Buffer) => (text += piece.toString()));
      child.once("error", reject);
      child.once("exit", () => resolve(text));
    });
  }
}

const MARK = "@@ block";

function outcomeOf(text: string, index: number): Outcome {
  const begin = text.indexOf(`${MARK} ${index} begins\n`);
  if (begin === -1) return { state: "not reached", text: "" };
  const end = text.indexOf(`${MARK} ${index} ends\n`);
  return { state: end === -1 ? "failed" : "done", text: text.slice(begin, end === -1 ? undefined : end) };
}

/** What git knows, and what is new and not ignored: what a clone would have after the next commit. */
function projectFiles(): string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const listed = execFileSync("git", args, { cwd: ROOT, encoding: "utf8", maxBuffer: 64 << 20 });
  return listed.split("\0").filter((file) => file !== "" && existsSync(join(ROOT, file)));
}

function moveParts(from: string, to: string): void {
  for (const part of KEPT) {
    if (!existsSync(join(from, part)) || existsSync(join(to, part))) continue;
    mkdirSync(dirname(join(to, part)), { recursive: true });
    execFileSync("mv", [join(from, part), join(to, part)]);
  }
}

/** That of a person's shell: without what npm, vitest and this project's commands put into it. */
function environment(): NodeJS.ProcessEnv {
  const ours = /^(npm_lifecycle|npm_package|npm_command|npm_execpath|PULUMI_|INFISICAL_|VITEST|NODE_ENV|INIT_CWD|TEST)/;
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
  const path = (own.PATH ?? "").split(":").filter((folder) => !folder.includes("node_modules"));
  // Tests may use the stand-ins. The sandbox need not make people wait for a permission.
  return { ...own, PATH: path.join(":"), INFISICAL_STANDINS: "1", SANDBOX_PERMISSION_DELAY_MS: "300" };
}
