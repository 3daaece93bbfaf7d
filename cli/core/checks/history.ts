import { rmSync, statSync } from "node:fs";
import { basename } from "node:path";
import { stateFilesOf } from "../belongings";
import type { Finding, Patient } from "./patient";

/** Every run keeps two copies of the whole state, for ever; so many are enough to look back at. */
const KEEP = 20;
const MEGABYTES = 50;

/** Size of the copies of the state that a file backend keeps. */
export async function checkHistory({ workspace }: Patient): Promise<Finding[]> {
  const check = "copies of the state";
  const files = stateFilesOf(workspace).filter((file) => /\/(backups|history)\//.test(file));
  if (files.length === 0) return [];
  const bytes = files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
  const runs = groupsOf(files);
  const seen = `${(bytes / 1024 ** 2).toFixed(1)} MB in ${files.length} files of ${runs.length} runs`;
  if (bytes < MEGABYTES * 1024 ** 2 && runs.length <= 10 * KEEP) return [{ check, status: "ok", seen }];
  const old = runs.slice(KEEP).flat();
  return [
    {
      check,
      status: "warn",
      seen,
      remedy: `npm run doctor -- --fix keeps the newest ${KEEP}`,
      fix: async () => {
        for (const file of old) rmSync(file, { force: true });
        return `${old.length} files of old runs deleted`;
      },
    },
  ];
}

/** Files of one moment together, newest first: their names bear the time in nanoseconds. */
export function groupsOf(files: string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const file of files) {
    // In milliseconds: the files of one run differ by less.
    const moment = /[.-](\d{13})\d{6}\./.exec(basename(file))?.[1];
    if (moment !== undefined) groups.set(moment, [...(groups.get(moment) ?? []), file]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? 1 : -1)).map(([, group]) => group);
}
