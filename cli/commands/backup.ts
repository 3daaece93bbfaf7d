import { resolve } from "node:path";
import { saveBackup, type SaveOptions } from "../core/backup/save";
import { defaultShelf, keepNewest } from "../core/backup/shelf";
import { misuse } from "../core/failure";
import { Stopwatch, summarize } from "../core/summary";
import { openWorkspace } from "../core/workspace";

export interface BackupOptions extends SaveOptions {
  /** How many archives of the stack to keep in the folder; all when left out. */
  keep?: string;
  json?: boolean;
}

/** Saves the stack into one encrypted archive, then lets go of the oldest ones. */
export async function backup(stack: string, options: BackupOptions): Promise<void> {
  const watch = new Stopwatch();
  const keep = options.keep === undefined ? undefined : Number(options.keep);
  if (keep !== undefined && !(Number.isInteger(keep) && keep >= 1)) {
    throw misuse(`--keep ${String(options.keep)}: write how many archives to keep, 1 or more`);
  }
  const { file, bytes, manifest, proven, readBack } = await saveBackup(openWorkspace(stack), options);
  const folder = resolve(options.folder ?? defaultShelf(stack));
  const removed = keep === undefined ? [] : keepNewest(folder, stack, keep);
  if (options.json === true) {
    const { createdAt, keyFingerprint, versions } = manifest;
    const told = { file, bytes, createdAt, keyFingerprint, versions, proven, readBack, removed };
    return console.log(JSON.stringify(told, undefined, 2));
  }
  console.log(`archive: ${file}`);
  console.log(readBack ? "read back: every checksum is right" : "not read back: only its recipient can open it");
  if (proven === 0)
    console.log("note: no secret could be read as the application, so a drill has nothing to compare with");
  for (const old of removed) console.log(`removed: ${old}`);
  const kilobytes = Math.round(bytes / 1024);
  summarize("backup", { stack, kilobytes, secrets: proven, removed: removed.length, seconds: watch.seconds });
}
