import { spawn } from "node:child_process";
import { Failure } from "./failure";
import { ROOT } from "./places";
import type { Workspace } from "./workspace";

/** Commands that take `--config-file` and run from the project's folder. */
const WITH_CONFIG_FILE = [
  "up",
  "update",
  "preview",
  "pre",
  "refresh",
  "destroy",
  "down",
  "watch",
  "import",
  "config",
  "logs",
];

/** Where and with which arguments the CLI is started for a command line. */
export function invocation(workspace: Workspace, args: string[]): { args: string[]; cwd: string } {
  if (workspace.configFile === undefined) return { args, cwd: ROOT };
  if (!WITH_CONFIG_FILE.includes(commandIn(args) ?? "")) return { args, cwd: workspace.quietFolder };
  // What comes after `--` is values, such as a secret that begins with a hyphen.
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const withFile = [...args.slice(0, end), "--config-file", workspace.configFile, ...args.slice(end)];
  return { args: withFile, cwd: ROOT };
}

/** Options of every command that are followed by a value, and may stand before the command. */
const WITH_VALUE = ["-C", "--cwd", "--color", "-v", "--verbose", "--profiling", "--tracing"];

function commandIn(args: string[]): string | undefined {
  return args.find((arg, index) => !arg.startsWith("-") && !WITH_VALUE.includes(args[index - 1] ?? ""));
}

/** Runs the CLI with the terminal as it is. @returns its exit code. */
export async function runPulumi(workspace: Workspace, args: string[]): Promise<number> {
  return (await start(workspace, args, "inherit")).code;
}

/** For a person who has just seen the CLI fail, and may have no `pulumi` of their own to type what it told them to. */
export function notFinished({ stack }: Workspace, command: string, code: number): string {
  return (
    `pulumi ${command} did not finish (exit code ${code}); its own words are above. ` +
    `Where they say \`pulumi ...\`, you can type: npm run pulumi -- ...${stackOption(stack)}`
  );
}

/** Runs the CLI and keeps what it prints. @throws when it fails and `allowFailure` is not set. */
export async function askPulumi(workspace: Workspace, args: string[], allowFailure = false): Promise<Outcome> {
  const outcome = await start(workspace, args, "pipe");
  return allowFailure ? outcome : successful(args, outcome);
}

/** Like {@link askPulumi}, with a text on its standard input: the way for secrets, which belong on no command line. */
export async function feedPulumi(workspace: Workspace, args: string[], input: string): Promise<Outcome> {
  return successful(args, await start(workspace, args, "pipe", input));
}

function successful(args: string[], outcome: Outcome): Outcome {
  if (outcome.code === 0) return outcome;
  throw new Failure(
    `pulumi ${args.slice(0, 2).join(" ")} failed (exit code ${outcome.code}):\n${outcome.stderr.trimEnd()}`,
  );
}

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

function start(
  workspace: Workspace,
  commandLine: string[],
  stdio: "inherit" | "pipe",
  input?: string,
): Promise<Outcome> {
  const { args, cwd } = invocation(workspace, commandLine);
  return new Promise((resolve, reject) => {
    const child = spawn("pulumi", args, {
      cwd,
      env: workspace.env,
      stdio: [input !== undefined ? "pipe" : stdio === "inherit" ? "inherit" : "ignore", stdio, stdio],
    });
    let stdout = "";
    let stderr = "";
    child.stdout?.on("data", (piece: Buffer) => (stdout += piece.toString()));
    child.stderr?.on("data", (piece: Buffer) => (stderr += piece.toString()));
    // It may end before it has read everything; its exit code tells then.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
    child.once("error", (cause) => reject(new Failure(`the Pulumi CLI cannot be started: ${cause.message}`)));
    child.once("close", (code, signal) => resolve({ code: code ?? (signal === "SIGINT" ? 130 : 1), stdout, stderr }));
  });
}

/** For a person who asked for something of a stack that is not there. */
export function noSuchStack(stack: string): string {
  return `there is no stack "${stack}" yet. Make it: ${upCommand(stack)}. For another one: --stack <name>`;
}

/** The command that makes a stack, or brings it up to date. */
export function upCommand(stack: string): string {
  if (stack === "sandbox") return "npm run sandbox";
  return npmRun("up", stack);
}

/** A command of ours, for a stack. */
export function npmRun(command: string, stack: string): string {
  const option = stackOption(stack);
  return `npm run ${command}${option === "" ? "" : ` --${option}`}`;
}

/** What names a stack to a command, where it has to be named: behind its other arguments. */
export function stackOption(stack: string): string {
  return stack === "dev" ? "" : ` --stack ${stack}`;
}

/** Makes the stack when it is not there. */
export async function ensureStack(workspace: Workspace): Promise<void> {
  const known = await stackExists(workspace);
  if (!known) await askPulumi(workspace, ["stack", "init", workspace.stack, "--no-select"]);
}

export async function stackExists(workspace: Workspace): Promise<boolean> {
  const { stdout } = await askPulumi(workspace, ["stack", "ls", "--json"]);
  const stacks = JSON.parse(stdout) as { name: string }[];
  return stacks.some(({ name }) => name === workspace.stack || name.endsWith(`/${workspace.stack}`));
}

/**
 * The stack's outputs. They hold secrets in clear: print none of them unasked.
 * @throws Failure when there is no such stack.
 */
export async function stackOutputs(workspace: Workspace): Promise<{ [name: string]: unknown }> {
  const { code, stdout, stderr } = await askPulumi(workspace, ["stack", "output", "--json", "--show-secrets"], true);
  if (/no stack (selected|named)/.test(stderr)) throw new Failure(noSuchStack(workspace.stack));
  if (code !== 0) throw new Failure(`pulumi stack output failed (exit code ${code}):\n${stderr.trimEnd()}`);
  return JSON.parse(stdout) as { [name: string]: unknown };
}
