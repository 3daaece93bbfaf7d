/** A failure that is known by what it writes into a log. */
export interface Diagnosis {
  cause: string;
  remedy: string;
}

const KNOWN: readonly (Diagnosis & { pattern: RegExp })[] = [
  {
    pattern: /Invalid key length|KMS: Failed to encrypt ROOT Key/i,
    cause: "the encryption key has the wrong length",
    remedy: "ENCRYPTION_KEY must have exactly 32 characters; it is generated, so look at what changed it",
  },
  {
    pattern: /Unsupported state or unable to authenticate data/i,
    cause: "the data was written with another encryption key",
    remedy: "give the server the key that belongs to this volume (from a backup), or start with an empty volume",
  },
  {
    pattern: /password authentication failed/i,
    cause: "Postgres refuses the password: the volume was made with another one",
    remedy: "give back the password that belongs to the volume, or start with an empty volume",
  },
  {
    pattern: /database \\?"[^"]*" does not exist|initdb: error: directory "[^"]*" exists but is not empty/i,
    cause: "Postgres does not have its database: most likely its very first start was broken off, as by a power cut",
    remedy:
      "nothing was stored yet then: npm run down, then npm run up. If data was in it: npm run restore. A Postgres of your own: create the database",
  },
  {
    pattern: /EADDRINUSE|address already in use|port is already allocated/i,
    cause: "the port is taken",
    remedy:
      "end what has it (docker ps names a container), or choose another one: pulumi config set server.port <port>",
  },
  {
    pattern: /JavaScript heap out of memory|OOMKilled|Out of memory/i,
    cause: "it ran out of memory",
    remedy: "raise its limit: pulumi config set memory.infisical 3072",
  },
  {
    pattern: /Boot up migration failed|migration.*failed/i,
    cause: "the database could not be brought up to date",
    remedy: "look at the lines above: the database must be there, reachable, and not newer than the server",
  },
  {
    pattern: /ECONNREFUSED.*6379|Redis.*(ECONNREFUSED|ENOTFOUND|WRONGPASS|NOAUTH)|(WRONGPASS|NOAUTH)/i,
    cause: "Redis is not reached or refuses the password; the server then waits for ever",
    remedy: "look at the Redis container's log",
  },
  {
    pattern: /Invalid environment variables/i,
    cause: "a setting that the server needs is missing or empty",
    remedy: "the lines above name it",
  },
  {
    pattern: /No space left on device/i,
    cause: "the disk is full",
    remedy: "make room: docker system df shows what Docker holds",
  },
];

/** The first known failure in some log lines. */
export function diagnose(log: string): Diagnosis | undefined {
  const found = KNOWN.find(({ pattern }) => pattern.test(log));
  return found === undefined ? undefined : { cause: found.cause, remedy: found.remedy };
}

/** Log lines without the credentials in addresses such as postgres://user:password@host. */
export function redacted(log: string): string {
  // To the last @: a password may hold one.
  return log.replace(/(\w+:\/\/[^\s:/@]*):[^\s"'<>]*@/g, "$1:***@");
}
