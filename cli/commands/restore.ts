import { messageOf } from "../../infra/api/fault";
import { withArchive } from "../core/backup/open";
import { restoreInPlace } from "../core/backup/restore-in-place";
import { restoreIntoNew } from "../core/backup/restore-new";
import type { SealOptions } from "../core/backup/seal";
import { belongingsOf } from "../core/belongings";
import { engineOf } from "../core/engine";
import { Failure } from "../core/failure";
import { mend } from "../core/mend";
import { readStack } from "../core/state";
import { Stopwatch, summarize } from "../core/summary";
import { openWorkspace, requireRealParts, type Workspace } from "../core/workspace";
import { bringUp } from "../core/bring-up";

export type RestoreOptions = SealOptions;

/** Brings a saved stack back: into the stack that it was saved from, or into one that has no server yet. */
export async function restore(stack: string, file: string, options: RestoreOptions): Promise<void> {
  const watch = new Stopwatch();
  const workspace = openWorkspace(stack);
  const into = await restoreStack(workspace, file, options);
  const resources = (await readStack(workspace)).length;
  summarize("restore", { stack, into, resources, seconds: watch.seconds });
}

/** @returns which kind of stack it went into. @throws Failure, before anything is touched, for a key that does not fit. */
export async function restoreStack(
  workspace: Workspace,
  file: string,
  options: RestoreOptions,
): Promise<"the same stack" | "a new stack"> {
  requireRealParts(workspace);
  return withArchive(file, workspace, options, async (archive) => {
    const { state } = await mend(workspace);
    if (state.resources.length > 0) {
      await restoreInPlace(workspace, archive);
      return "the same stack";
    }
    await refuseRemains(workspace);
    try {
      await restoreIntoNew(workspace, archive, "everything");
      await bringUp(workspace);
    } catch (thrown) {
      throw new Failure(
        `not restored: ${messageOf(thrown)}\nThe archive is as it was. Clear away what was begun, then try again: npm run down -- --stack ${workspace.stack} --sweep --delete-data`,
      );
    }
    return "a new stack";
  });
}

/** Containers that no state knows hold the port and the names: they are somebody's decision. */
async function refuseRemains(workspace: Workspace): Promise<void> {
  const { containers } = await belongingsOf(workspace, await engineOf(workspace));
  if (containers.length === 0) return;
  throw new Failure(
    `there are containers of a stack "${workspace.stack}" that its state does not know: ${containers.join(", ")}. Nothing was touched. ` +
      `If they are remains of a lost state: npm run down -- --stack ${workspace.stack} --sweep, then restore again.`,
  );
}
