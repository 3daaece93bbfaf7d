import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PGlite, type Transaction } from "@electric-sql/pglite";
import { lockDataFolder } from "./data-folder-lock.js";
import { createEmptyDatabase } from "./pglite-template.js";
import type { Queryable, Store } from "./store.js";

/** Embedded store. `folder` is created if it is missing; "memory" keeps nothing (tests). */
export async function openPgliteStore(folder: string | "memory", port: number): Promise<Store> {
  if (folder === "memory") {
    return storeOver(await createEmptyDatabase(undefined), "embedded PGlite in memory", () => Promise.resolve());
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lock = await lockDataFolder(folder, port);
  try {
    const database = await openDatabase(folder);
    return storeOver(database, `embedded PGlite in ${folder}`, lock.release);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function storeOver(database: PGlite, description: string, afterClose: () => Promise<void>): Store {
  return {
    description,
    query: queryOf(database),
    transaction: (work) => database.transaction((transaction) => work({ query: queryOf(transaction) })),
    async close() {
      await database.close();
      await afterClose();
    },
  };
}

function queryOf(source: PGlite | Transaction): Queryable["query"] {
  return async <Row>(sql: string, parameters: readonly unknown[] = []) =>
    (await source.query<Row>(sql, [...parameters])).rows;
}

/** Made anew when there is none, or only one whose making was cut off (the mark is written after it). */
async function openDatabase(folder: string): Promise<PGlite> {
  const dataDir = join(folder, "pgdata");
  const mark = join(folder, "pgdata.complete");
  if (existsSync(mark)) return PGlite.create(dataDir);
  await rm(dataDir, { recursive: true, force: true });
  const database = await createEmptyDatabase(dataDir);
  await writeFile(mark, "");
  return database;
}
