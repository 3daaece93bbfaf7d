import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../failure";
import { LOCAL } from "../places";
import { runningProcess } from "../processes";
import { storyOf } from "./archive";

const ENDING = ".tar.gz.age";

/** An archive in a folder. */
export interface Shelved {
  file: string;
  /** When it was made, as its name says. */
  at: Date;
  bytes: number;
}

/** Where a stack's backups lie unless another folder is named: on the same disk, so copy them away. */
export function defaultShelf(stack: string): string {
  return join(LOCAL, "backups", stack);
}

/** Name of an archive: it says the stack, and sorts by time. */
export function archiveName(stack: string, at: Date): string {
  return `${stack}-${at.toISOString().replace(/[-:]/g, "").replace(/\.\d+/, "")}${ENDING}`;
}

/** A stack's archives in a folder, newest first. Nothing else in it counts. */
export function archivesIn(folder: string, stack: string): Shelved[] {
  if (!existsSync(folder)) return [];
  const pattern = /^(.+)-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.tar\.gz\.age$/;
  return readdirSync(folder)
    .flatMap((name) => {
      const [, of, year, month, day, hour, minute, second] = pattern.exec(name) ?? [];
      if (of !== stack) return [];
      const file = join(folder, name);
      const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
      return [{ file, at, bytes: statSync(file).size }];
    })
    .sort((a, b) => b.at.getTime() - a.at.getTime());
}

/** Deletes a stack's oldest archives. @returns the files that went. */
export function keepNewest(folder: string, stack: string, keep: number): string[] {
  const old = archivesIn(folder, stack).slice(keep);
  for (const { file } of old) rmSync(file);
  return old.map(({ file }) => file);
}

/** A folder of this process alone (mode 0700) for what is on its way; it goes whatever happens. */
export async function inWorkFolder<T>(shelf: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(shelf, `.work-${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    removeAbandoned(shelf);
  } catch (thrown) {
    throw new Failure(`the folder ${shelf} cannot be used for backups: ${storyOf(thrown)}`);
  }
  try {
    return await work(folder);
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    const { code } = thrown as { code?: string };
    throw code === undefined ? thrown : new Failure(`not done: ${storyOf(thrown)} Nothing was changed in ${shelf}.`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Work folders of processes that were killed. */
function removeAbandoned(shelf: string): void {
  for (const name of readdirSync(shelf)) {
    const pid = Number(/^\.work-(\d+)$/.exec(name)?.[1] ?? process.pid);
    if (pid !== process.pid && runningProcess(pid) === undefined) {
      rmSync(join(shelf, name), { recursive: true, force: true });
    }
  }
}
