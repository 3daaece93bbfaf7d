import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type Docker from "dockerode";
import { execIn } from "./container";
import { Checksum, counted, type PartCheck } from "./manifest";

/** Database and user of the stack's Postgres. */
const NAME = "infisical";
/** Where the data from before a restore waits until the restored server has answered. */
const ASIDE = "infisical_before_restore";

const client = (command: string): string => `PGPASSWORD="$POSTGRES_PASSWORD" exec ${command}`;

/**
 * Writes a consistent dump of the running database to a file (mode 0600), in Postgres' own custom form.
 * @throws Failure when the dump does not end well; a dump that is cut short ends so, too.
 */
export async function dumpDatabase(postgres: Docker.Container, file: string): Promise<PartCheck> {
  const sum = new Checksum();
  await execIn(postgres, client(`pg_dump --username=${NAME} --format=custom --no-owner --dbname=${NAME}`), {
    take: (output) =>
      pipeline(
        output,
        (pieces: AsyncIterable<Buffer>) => counted(pieces, sum),
        createWriteStream(file, { mode: 0o600 }),
      ),
  });
  return sum.result;
}

/** Loads a dump into the database, all of it or nothing. */
export async function loadDatabase(postgres: Docker.Container, file: string): Promise<void> {
  const load = `pg_restore --username=${NAME} --no-owner --exit-on-error --single-transaction --dbname=${NAME}`;
  await execIn(postgres, client(load), { input: createReadStream(file) });
}

/** Puts the data aside and makes an empty database in its place. Nobody may be connected but those that are cut off here. */
export async function putDatabaseAside(postgres: Docker.Container): Promise<void> {
  // Still there when an earlier restore was killed: what is aside is the data then, and the other one only half loaded.
  if (await isAside(postgres)) await bringDatabaseBack(postgres);
  await sql(postgres, endSessions(NAME), `alter database ${NAME} rename to ${ASIDE}`, `create database ${NAME}`);
}

/** Undoes {@link putDatabaseAside}: the data from before is the database again. */
export async function bringDatabaseBack(postgres: Docker.Container): Promise<void> {
  if (!(await isAside(postgres))) return;
  await sql(
    postgres,
    endSessions(NAME),
    `drop database if exists ${NAME}`,
    endSessions(ASIDE),
    `alter database ${ASIDE} rename to ${NAME}`,
  );
}

/** Lets go of the data from before. */
export async function dropDatabaseAside(postgres: Docker.Container): Promise<void> {
  await sql(postgres, endSessions(ASIDE), `drop database if exists ${ASIDE}`);
}

async function isAside(postgres: Docker.Container): Promise<boolean> {
  return (await sql(postgres, `select 1 from pg_database where datname = '${ASIDE}'`)).trim() === "1";
}

function endSessions(database: string): string {
  return `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}' and pid <> pg_backend_pid()`;
}

/** Runs statements of ours, none of which holds a value from outside. */
async function sql(postgres: Docker.Container, ...statements: string[]): Promise<string> {
  const given = statements.map((statement) => `--command="${statement}"`).join(" ");
  return execIn(
    postgres,
    client(
      `psql --username=${NAME} --dbname=postgres --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 ${given}`,
    ),
  );
}

/** Empties the cache: what it holds belongs to other data. */
export async function emptyCache(redis: Docker.Container): Promise<void> {
  await execIn(redis, "redis-cli --no-auth-warning flushall");
}
