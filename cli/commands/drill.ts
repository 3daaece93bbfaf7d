import { noteDrill } from "../core/backup/drill-note";
import { missingFrom, applicationIn, readAs } from "../core/backup/proof";
import { withArchive, type OpenArchive } from "../core/backup/open";
import { restoreIntoNew } from "../core/backup/restore-new";
import type { SealOptions } from "../core/backup/seal";
import { archivesIn, defaultShelf } from "../core/backup/shelf";
import { inThrowaway } from "../core/backup/throwaway";
import { Failure } from "../core/failure";
import { urlOf } from "../core/settings";
import { Stopwatch, summarize, tenths } from "../core/summary";
import { openWorkspace, requireRealParts, type Workspace } from "../core/workspace";

export interface DrillOptions extends SealOptions {
  folder?: string;
  /** An archive other than the newest. */
  archive?: string;
  json?: boolean;
}

/** What a drill has shown. */
export interface DrillResult {
  archive: string;
  /** ISO time of the dump. */
  savedAt: string;
  /** Secrets that the application read from the restored server, all of them as they were. */
  secrets: number;
  seconds: { open: number; restore: number; read: number; destroy: number; total: number };
}

/** Restores the newest backup into a throwaway stack, reads the secrets as the application, and takes it down again. */
export async function drill(stack: string, options: DrillOptions): Promise<void> {
  const workspace = openWorkspace(stack);
  const result = await runDrill(workspace, options);
  noteDrill(stack, result);
  if (options.json === true) return console.log(JSON.stringify(result, undefined, 2));
  const { open, restore, read, destroy, total } = result.seconds;
  console.log(`restored: ${result.archive}, saved ${result.savedAt}`);
  console.log(`read back as the application with the Node SDK: ${result.secrets} secrets, every one as it was`);
  summarize("drill", {
    stack,
    secrets: result.secrets,
    "seconds to open": open,
    "to restore": restore,
    "to read back": read,
    "to take down": destroy,
    "in all": total,
  });
}

/** @throws Failure when there is no archive, it does not open, or what is read back is not what was saved. */
export async function runDrill(workspace: Workspace, options: DrillOptions): Promise<DrillResult> {
  requireRealParts(workspace);
  const folder = options.folder ?? defaultShelf(workspace.stack);
  const file = options.archive ?? archivesIn(folder, workspace.stack)[0]?.file;
  if (file === undefined) throw new Failure(`there is no backup of "${workspace.stack}" in ${folder}: npm run backup`);
  const watch = new Stopwatch();
  return withArchive(file, workspace, options, async (archive) => {
    const open = watch.seconds;
    let done = { secrets: 0, restored: 0, read: 0 };
    await inThrowaway(workspace, "drill", archive.configuration, async (throwaway) => {
      await restoreIntoNew(throwaway, archive, "keys");
      const restored = watch.seconds;
      done = { secrets: await readBack(throwaway, archive), restored, read: watch.seconds };
    });
    const total = watch.seconds;
    return {
      archive: file,
      savedAt: archive.manifest.createdAt,
      secrets: done.secrets,
      seconds: {
        open,
        restore: tenths(done.restored - open),
        read: tenths(done.read - done.restored),
        destroy: tenths(total - done.read),
        total,
      },
    };
  });
}

/** Nothing but the restored data can answer here: the program has put no secret into this server. */
async function readBack(throwaway: Workspace, { state, proof }: OpenArchive): Promise<number> {
  const application = applicationIn(state);
  if (application === undefined) throw new Failure("the saved stack has no application that could read its secrets.");
  const seen = await readAs({ ...application, url: urlOf(throwaway) });
  const missing = missingFrom(seen, proof);
  if (missing.length > 0) throw new Failure(`not read back as they were saved: ${missing.join(", ")}`);
  if (seen.length === 0) throw new Failure("the restored server gives the application no secret at all.");
  return seen.length;
}
