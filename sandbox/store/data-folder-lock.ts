import { execFile } from "node:child_process";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { StartRefused } from "../settings.js";

/** PGlite has no lock of its own: two processes on one folder destroy it. */
export interface DataFolderLock {
  release(): Promise<void>;
}

const lockSchema = z.object({
  pid: z.number().int(),
  /** ISO time of the lock. */
  startedAt: z.string(),
  port: z.number().int(),
  /** The system's own mark of when that process began, so that a reused pid is not taken for the old process. */
  processMark: z.string().optional(),
});
type LockContent = z.infer<typeof lockSchema>;

const FILE_NAME = "lock.json";

/**
 * Takes `lock.json` in the folder. A lock whose process is gone is taken over.
 * @throws StartRefused (exit 1) when a live process holds it.
 */
export async function lockDataFolder(folder: string, port: number): Promise<DataFolderLock> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, FILE_NAME);
  const mine: LockContent = {
    pid: process.pid,
    startedAt: new Date().toISOString(),
    port,
    ...withMark(await processMark(process.pid)),
  };
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await createExclusively(file, mine)) return { release: () => releaseOwn(file) };
    await removeIfStale(file, folder);
  }
  throw new StartRefused(`The data folder ${folder} is wanted by several processes at once; start one of them.`, 1);
}

async function createExclusively(file: string, content: LockContent): Promise<boolean> {
  try {
    const handle = await open(file, "wx", 0o600);
    await handle.writeFile(`${JSON.stringify(content)}\n`);
    await handle.close();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function removeIfStale(file: string, folder: string): Promise<void> {
  const holder = await readLock(file);
  if (holder !== undefined && (await isAlive(holder))) {
    throw new StartRefused(
      `The data folder ${folder} is in use by process ${holder.pid} (since ${holder.startedAt}, port ${holder.port}). ` +
        `Stop that process, or give this one another SANDBOX_DATA.`,
      1,
    );
  }
  // Moved aside first: of two processes that find the same stale lock, only one can move it.
  const aside = `${file}.stale-${process.pid}`;
  await rename(file, aside).catch(() => undefined);
  await rm(aside, { force: true });
}

/** The content of a lock file; undefined when it is missing or was cut off by a crash. */
export async function readLock(file: string): Promise<LockContent | undefined> {
  try {
    const parsed = lockSchema.safeParse(JSON.parse(await readFile(file, "utf8")));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

async function isAlive(holder: LockContent): Promise<boolean> {
  if (holder.pid === process.pid && holder.processMark === (await processMark(process.pid))) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: the process exists and belongs to somebody else.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const mark = await processMark(holder.pid);
  return holder.processMark === undefined || mark === undefined || mark === holder.processMark;
}

async function releaseOwn(file: string): Promise<void> {
  const holder = await readLock(file);
  if (holder?.pid === process.pid) await rm(file, { force: true });
}

function withMark(mark: string | undefined): { processMark?: string } {
  return mark === undefined ? {} : { processMark: mark };
}

/** When the process began, in the system's own words; undefined where it cannot be told. */
async function processMark(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The command name (field 2) may hold spaces and brackets; the start time is the 20th field after it.
    const started = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return started === undefined ? undefined : `ticks ${started}`;
  } catch {
    return markFromPs(pid);
  }
}

async function markFromPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)]);
    return stdout.trim() === "" ? undefined : stdout.trim();
  } catch {
    return undefined;
  }
}
