import { Failure } from "../core/failure";
import { ensureStack, notFinished, runPulumi } from "../core/pulumi";
import { Stopwatch, summarize } from "../core/summary";
import { openWorkspace } from "../core/workspace";

/** Shows what `up` would do; names of secrets, never their values. */
export async function preview(stack: string): Promise<void> {
  const watch = new Stopwatch();
  const workspace = openWorkspace(stack);
  await ensureStack(workspace);
  const code = await runPulumi(workspace, ["preview", "--diff"]);
  if (code !== 0) throw new Failure(notFinished(workspace, "preview", code), code);
  summarize("preview", { stack, seconds: watch.seconds });
}
