import { ensureStack, noSuchStack, runPulumi, stackExists } from "../core/pulumi";
import { openWorkspace } from "../core/workspace";

/** Commands that make sense before the first `up`, so the stack is made for them. */
const MAKES_STACK = ["config", "up", "preview"];

/** Runs the Pulumi CLI with the project's backend and passphrase. @returns its exit code. */
export async function pulumi(stack: string, args: string[]): Promise<number> {
  const workspace = openWorkspace(stackNamedIn(args) ?? stack);
  if (MAKES_STACK.includes(args[0] ?? "")) await ensureStack(workspace);
  const code = await runPulumi(workspace, args);
  // The CLI's own advice, to select a stack, does not help here.
  if (code !== 0 && args[0] === "stack" && !(await stackExists(workspace))) console.error(noSuchStack(workspace.stack));
  return code;
}

/** The stack that the CLI's own option names: `-s dev`, `--stack dev`, `--stack=dev`. */
function stackNamedIn(args: string[]): string | undefined {
  const index = args.findIndex((arg) => arg === "-s" || arg === "--stack");
  if (index !== -1) return args[index + 1];
  return args.find((arg) => arg.startsWith("--stack="))?.slice("--stack=".length);
}
