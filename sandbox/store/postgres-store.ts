import pg from "pg";
import { StartRefused } from "../settings.js";
import type { Queryable, Store } from "./store.js";

const ATTEMPTS = 6;
const PAUSE_MS = 1000;

/**
 * A real Postgres. The database must exist.
 * @throws StartRefused (exit 1) when it cannot be reached within about six seconds, like the real server.
 */
export async function openPostgresStore(uri: string): Promise<Store> {
  const pool = new pg.Pool({ connectionString: uri, max: 10, connectionTimeoutMillis: 5000 });
  // An idle connection that breaks must not end the process: the next query reports it.
  pool.on("error", (error) => console.error(`Postgres connection lost: ${error.message}`));
  await untilReachable(pool);
  return {
    description: `Postgres at ${addressOf(uri)}`,
    query: queryOf(pool),
    transaction: (work) => inTransaction(pool, work),
    close: () => pool.end(),
  };
}

async function untilReachable(pool: pg.Pool): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await pool.query("select 1");
      return;
    } catch (error) {
      const seen = error instanceof Error ? error.message || error.name : String(error);
      if (attempt === ATTEMPTS) {
        await pool.end();
        throw new StartRefused(`Boot up migration failed: Postgres could not be used: ${seen}`, 1);
      }
      console.error(`Postgres not reachable yet (attempt ${attempt} of ${ATTEMPTS}): ${seen}`);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

async function inTransaction<Result>(
  pool: pg.Pool,
  work: (transaction: Queryable) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const result = await work({ query: queryOf(client) });
    await client.query("commit");
    client.release();
    return result;
  } catch (error) {
    // A client whose rollback fails is not given back to the pool.
    await client.query("rollback").then(
      () => client.release(),
      () => client.release(true),
    );
    throw error;
  }
}

function queryOf(source: pg.Pool | pg.PoolClient): Queryable["query"] {
  return async <Row>(sql: string, parameters: readonly unknown[] = []) =>
    (await source.query(sql, [...parameters])).rows as Row[];
}

function addressOf(uri: string): string {
  try {
    const url = new URL(uri);
    return `${url.host}${url.pathname}`;
  } catch {
    return "an address that is no URI";
  }
}
