import { Failure } from "../core/failure";
import { mend } from "../core/mend";
import { Phases } from "../core/phases";
import { askPulumi, runPulumi, stackExists } from "../core/pulumi";
import { readStack } from "../core/state";
import { Stopwatch, summarize } from "../core/summary";
import { openWorkspace } from "../core/workspace";

/** Takes the stack down: containers, volumes, network, or the sandbox's process and data, and the stack's state. */
export async function down(stack: string): Promise<void> {
  const watch = new Stopwatch();
  const workspace = openWorkspace(stack);
  const phases = new Phases("down");
  phases.begin("looking for what a broken run left");
  await mend(workspace, { goingDown: true });
  const resources = (await readStack(workspace)).length;
  if (resources > 0) {
    phases.begin(`removing ${resources} resources`);
    // With its preview: without it, a protected stack would be taken down by half before it is refused.
    const code = await runPulumi(workspace, ["destroy", "--yes"]);
    if (code !== 0)
      throw new Failure(`pulumi destroy did not finish (exit code ${code}); its own words are above.`, code);
  }
  if (workspace.ownBackend === undefined && (await stackExists(workspace))) {
    phases.begin("forgetting the stack");
    await askPulumi(workspace, ["stack", "rm", "--yes", "--preserve-config", stack]);
  }
  summarize("down", { stack, "resources removed": resources, seconds: watch.seconds });
}
