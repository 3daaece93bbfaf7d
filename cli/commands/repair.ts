import { mend } from "../core/mend";
import { readStack } from "../core/state";
import { Stopwatch, summarize } from "../core/summary";
import { openWorkspace } from "../core/workspace";
import { bringUp } from "../core/bring-up";

/** Options of the command. */
export interface RepairOptions {
  /** Remove volumes too that the state does not know. */
  deleteData?: boolean;
}

/**
 * The way back after a run was killed: the dead run's lock, plugins, containers and networks go, pending operations are
 * cleared, and the stack is brought into the wanted form. Data stays. `up` does the same when it finds a need for it;
 * this also looks for what a lost state no longer knows.
 */
export async function repair(stack: string, options: RepairOptions): Promise<void> {
  const watch = new Stopwatch();
  const workspace = openWorkspace(stack);
  const { locks, removed, kept, state } = await mend(workspace, { ...options, everywhere: true });
  await bringUp(workspace);
  const resources = (await readStack(workspace)).length;
  summarize("repair", {
    stack,
    "dead locks": locks,
    "things removed": removed,
    "things kept": kept,
    "pending operations": state.pending.length,
    resources,
    seconds: watch.seconds,
  });
}
