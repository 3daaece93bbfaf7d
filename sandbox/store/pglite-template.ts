import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";

/**
 * An empty database is made by running initdb, which takes seconds; unpacking one that was made before takes a quarter of
 * that. The copy holds no data, only what initdb made, and lives with everything else that this project makes in `.local/`.
 */
const ROOT = join(__dirname, "..", "..");
const LOCAL = join(ROOT, ".local", "cache");

/** A new database in `dataDir` (undefined: in memory), from the kept copy where there is one that works. */
export async function createEmptyDatabase(dataDir: string | undefined): Promise<PGlite> {
  const file = join(LOCAL, `pglite-${await pgliteVersion()}.tar.gz`);
  const kept = await readFile(file).catch(() => undefined);
  if (kept !== undefined) {
    const database = await unpack(dataDir, kept);
    if (database !== undefined) return database;
    await rm(file, { force: true });
  }
  const database = await PGlite.create(at(dataDir));
  await keepCopy(database, file);
  return database;
}

const at = (dataDir: string | undefined): { dataDir?: string } => (dataDir === undefined ? {} : { dataDir });

async function unpack(dataDir: string | undefined, archive: Buffer<ArrayBuffer>): Promise<PGlite | undefined> {
  try {
    return await PGlite.create({ ...at(dataDir), loadDataDir: new Blob([archive]) });
  } catch (error) {
    console.error(`The kept empty database cannot be used and is made again: ${String(error)}`);
    if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true });
    return undefined;
  }
}

/** Keeping the copy is a help for the next start: its failure (a read-only disk) is no reason not to serve. */
async function keepCopy(database: PGlite, file: string): Promise<void> {
  try {
    const dump = await database.dumpDataDir("gzip");
    await mkdir(LOCAL, { recursive: true });
    const partial = `${file}.${randomUUID()}`;
    await writeFile(partial, Buffer.from(await dump.arrayBuffer()));
    await rename(partial, file);
  } catch (error) {
    console.error(`No copy of the empty database was kept: ${String(error)}`);
  }
}

async function pgliteVersion(): Promise<string> {
  const manifest = join(ROOT, "node_modules", "@electric-sql", "pglite", "package.json");
  if (!existsSync(manifest)) return "unknown";
  const content: unknown = JSON.parse(await readFile(manifest, "utf8"));
  const hasVersion = typeof content === "object" && content !== null && "version" in content;
  return hasVersion ? String(content.version) : "unknown";
}
