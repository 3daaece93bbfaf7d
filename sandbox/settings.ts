/**
 * The only reader of the environment. Refuses what the real server refuses at boot, with the same exit codes and the same
 * recognisable words, so that a start-up script or a health gate meets the same failure here.
 * Source of the refusals: section m of the HTTP contract (measured on a real server).
 */
import { z } from "zod";
import { profileNamed, type Profile } from "./profile.js";

/** A start that must not go on. `exitCode` is what the real server exits with in the same case. */
export class StartRefused extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
    this.name = "StartRefused";
  }
}

export interface Settings {
  readonly host: string;
  /** 0 lets the system choose a free port. */
  readonly port: number;
  readonly siteUrl: string | undefined;
  /** 32 bytes: the key that locks the data key. */
  readonly rootKey: Buffer;
  readonly authSecret: string;
  readonly storage: { readonly kind: "embedded"; readonly folder: string | "memory" } | PostgresStorage;
  readonly redisUrl: string | undefined;
  readonly profile: Profile;
  /** How long an actor's permissions of a project stay as they were first read, in milliseconds. */
  readonly permissionDelayMs: number;
  readonly faultsEnabled: boolean;
}

interface PostgresStorage {
  readonly kind: "postgres";
  readonly uri: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const emptyIsMissing = (value: unknown): unknown => (value === "" ? undefined : value);
const optionalText = z.preprocess(emptyIsMissing, z.string().optional());

const environmentSchema = z.object({
  HOST: z.preprocess(emptyIsMissing, z.string().default("127.0.0.1")),
  PORT: z.preprocess(emptyIsMissing, z.coerce.number().int().min(0).max(65535).default(8080)),
  SITE_URL: optionalText,
  ENCRYPTION_KEY: optionalText,
  ROOT_ENCRYPTION_KEY: optionalText,
  AUTH_SECRET: z.preprocess(emptyIsMissing, z.string({ error: "Required" })),
  DB_CONNECTION_URI: optionalText,
  SANDBOX_DATA: optionalText,
  REDIS_URL: optionalText,
  SANDBOX_PROFILE: z.preprocess(emptyIsMissing, z.enum(["v0.159.22", "recorded"]).default("v0.159.22")),
  SANDBOX_PERMISSION_DELAY_MS: z.preprocess(emptyIsMissing, z.coerce.number().int().min(0).default(10_000)),
  SANDBOX_FAULTS: z.preprocess(emptyIsMissing, z.enum(["0", "1"]).default("0")),
  LEGACY_IDENTITY_ACCESS_TOKEN_EXPIRATION_ENFORCED_AT: z.preprocess(emptyIsMissing, z.iso.date().optional()),
});

/** Exit code of the real server for variables that its own validation refuses (it exits with -1). */
const INVALID_ENVIRONMENT = 255;

/**
 * Settings from environment variables.
 * @throws StartRefused with the real server's exit code (1 for keys, 255 for other variables).
 */
export function readSettings(environment: Environment): Settings {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`).join("\n");
    throw new StartRefused(
      `Invalid environment variables. Check the names and values below and start again:\n${problems}`,
      INVALID_ENVIRONMENT,
    );
  }
  const values = parsed.data;
  const storage = readStorage(values);
  if (storage.kind === "postgres" && values.REDIS_URL === undefined) {
    throw new StartRefused(
      "Invalid environment variables. Check the names and values below and start again:\n  REDIS_URL: Required with DB_CONNECTION_URI",
      INVALID_ENVIRONMENT,
    );
  }
  return {
    host: values.HOST,
    port: values.PORT,
    siteUrl: values.SITE_URL,
    rootKey: readRootKey(values.ENCRYPTION_KEY, values.ROOT_ENCRYPTION_KEY),
    authSecret: values.AUTH_SECRET,
    storage,
    redisUrl: values.REDIS_URL,
    profile: profileNamed(values.SANDBOX_PROFILE, values.LEGACY_IDENTITY_ACCESS_TOKEN_EXPIRATION_ENFORCED_AT),
    permissionDelayMs: values.SANDBOX_PERMISSION_DELAY_MS,
    faultsEnabled: values.SANDBOX_FAULTS === "1",
  };
}

function readStorage(values: z.infer<typeof environmentSchema>): Settings["storage"] {
  if (values.DB_CONNECTION_URI !== undefined) return { kind: "postgres", uri: values.DB_CONNECTION_URI };
  if (values.SANDBOX_DATA !== undefined) return { kind: "embedded", folder: values.SANDBOX_DATA };
  throw new StartRefused(
    "Invalid environment variables. Check the names and values below and start again:\n" +
      "  DB_CONNECTION_URI (a Postgres) or SANDBOX_DATA (a folder for the embedded store): Required",
    INVALID_ENVIRONMENT,
  );
}

/** ENCRYPTION_KEY wins and is used byte for byte; ROOT_ENCRYPTION_KEY is base64 of 32 bytes. */
function readRootKey(encryptionKey: string | undefined, rootEncryptionKey: string | undefined): Buffer {
  if (encryptionKey === undefined && rootEncryptionKey === undefined) {
    throw new StartRefused(
      "Root KMS encryption strategy is set to software. Please set the ENCRYPTION_KEY environment variable and restart your deployment.",
      1,
    );
  }
  const key =
    encryptionKey === undefined ? Buffer.from(rootEncryptionKey ?? "", "base64") : Buffer.from(encryptionKey, "utf8");
  if (key.length !== 32) {
    throw new StartRefused(
      `KMS: Failed to encrypt ROOT Key: Invalid key length. ` +
        (encryptionKey === undefined
          ? `ROOT_ENCRYPTION_KEY must be base64 of 32 bytes, it holds ${key.length}.`
          : `ENCRYPTION_KEY must be 32 characters, it has ${key.length}.`),
      1,
    );
  }
  return key;
}
