import { messageOf } from "../../infra/api/fault";
import { Failure } from "./failure";
import { readLocks } from "./lock";
import {
  DOCKER_PROVIDER,
  dockerHostIn,
  orphanedOnDocker,
  orphanedPlugins,
  orphanedSandbox,
  type Orphan,
} from "./orphans";
import { askPulumi } from "./pulumi";
import { readState, type StackState } from "./state";
import type { Workspace } from "./workspace";

export interface MendOptions {
  /** Look at Docker also when the state has nothing there, as after the loss of a state. */
  everywhere?: boolean;
  /** Remove volumes too that the state does not have. */
  deleteData?: boolean;
  /** A destroy follows, and no `up` that would take volumes over. */
  goingDown?: boolean;
}

/** What was done, in figures. */
export interface Mended {
  locks: number;
  removed: number;
  /** Left alone, and told. */
  kept: number;
  state: StackState;
}

/**
 * Clears away what a killed run left: its plugins, its lock, what it made without noting it in the state, and the
 * engine's notes of operations whose end it did not see. Says one line for each thing done; on a stack that is in order
 * it does and says nothing.
 *
 * @throws Failure when a run is under way.
 */
export async function mend(workspace: Workspace, options: MendOptions = {}): Promise<Mended> {
  refuseBesideOthers(workspace);
  // First of all: a plugin that is still at work could make something after everything else was looked at.
  const plugins = await removeAll(await orphanedPlugins(), options);
  const locks = await removeDeadLocks(workspace);
  const state = await readState(workspace);
  const found = [...orphanedSandbox(workspace.stack, state.resources), ...(await onDocker(workspace, state, options))];
  const others = await removeAll(found, options);
  await clearPending(workspace, state);
  return { locks, removed: plugins.removed + others.removed, kept: others.kept, state };
}

/** What such an operation made is found again by the next `up`, so the note of it is only in the way. */
async function clearPending(workspace: Workspace, { pending, resources }: StackState): Promise<void> {
  if (pending.length === 0) return;
  // The stack alone: refreshing what lives in a server needs the server.
  const root = resources.filter(({ type }) => type === "pulumi:pulumi:Stack").flatMap(({ urn }) => ["--target", urn]);
  await askPulumi(workspace, ["refresh", "--yes", "--skip-preview", "--clear-pending-creates", ...root]);
  for (const operation of pending) console.log(`repair: cleared the note of a broken operation (${operation})`);
}

function refuseBesideOthers({ stack, ...workspace }: Workspace): void {
  const locks = readLocks({ stack, ...workspace }) ?? [];
  const alive = locks.find(({ state }) => state === "alive");
  if (alive !== undefined) {
    throw new Failure(
      `another run works on the stack "${stack}" (${alive.holder}). Wait until it is done, or end it with Ctrl-C where it was started.`,
    );
  }
  const unknown = locks.find(({ state }) => state === "unknown");
  if (unknown !== undefined) {
    throw new Failure(
      `the stack "${stack}" is locked from another machine (${unknown.holder}), where this one cannot look. ` +
        `When you know that nothing runs there any more: npm run pulumi -- cancel --yes ${stack}`,
    );
  }
}

async function removeDeadLocks(workspace: Workspace): Promise<number> {
  const dead = (readLocks(workspace) ?? []).filter(({ state }) => state === "dead");
  if (dead.length === 0) return 0;
  await askPulumi(workspace, ["cancel", "--yes", "--stack", workspace.stack]);
  for (const { holder } of dead) console.log(`repair: removed the lock of a run that is gone (${holder})`);
  return dead.length;
}

async function onDocker(workspace: Workspace, state: StackState, options: MendOptions): Promise<Orphan[]> {
  const { resources } = state;
  const uses = resources.some(({ type }) => type.startsWith("docker:") || type === DOCKER_PROVIDER);
  if (!uses && options.everywhere !== true) return [];
  try {
    return await orphanedOnDocker(workspace.stack, state, dockerHostIn(resources));
  } catch (thrown) {
    const reason = messageOf(thrown);
    if (uses) console.log(`repair: Docker is not reached, so nothing was looked for there (${reason})`);
    return [];
  }
}

async function removeAll(orphans: Orphan[], options: MendOptions): Promise<{ removed: number; kept: number }> {
  let removed = 0;
  let kept = 0;
  for (const orphan of orphans) {
    const reason = reasonToKeep(orphan, options);
    if (reason === undefined) {
      await remove(orphan, options);
      removed += 1;
    } else if (reason !== "") {
      console.log(`repair: kept ${orphan.what}: ${reason}`);
      kept += 1;
    }
  }
  return { removed, kept };
}

/** Nothing: it goes. An empty text: it stays, and nobody has to know. */
function reasonToKeep(orphan: Orphan, { deleteData, everywhere, goingDown }: MendOptions): string | undefined {
  // What another clone of the project has is not ours to take down.
  if (orphan.data && deleteData === true && (orphan.ours || goingDown !== true)) return undefined;
  // `up` makes its volumes by these very names, so it takes over what is there.
  if (orphan.data && orphan.ours && goingDown !== true) return "";
  if (orphan.ours && !orphan.data) return undefined;
  // Of another clone of the project most of the time: only who asks for a repair wants to hear of it.
  if (!orphan.ours && everywhere !== true) return "";
  const remedy = orphan.data ? " It may hold data; if nobody needs it: npm run repair -- --delete-data" : "";
  return `it bears this stack's name, but is not in its state.${remedy}`;
}

async function remove(orphan: Orphan, { goingDown }: MendOptions): Promise<void> {
  try {
    if (goingDown !== true) await orphan.settle?.();
    await orphan.remove();
  } catch (thrown) {
    throw new Failure(`${orphan.what} cannot be removed: ${messageOf(thrown)}`);
  }
  console.log(`repair: removed ${orphan.what}, left behind by a run that is gone`);
}
