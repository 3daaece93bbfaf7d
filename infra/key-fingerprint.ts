import { createHash } from "node:crypto";

/**
 * What tells a server's `ENCRYPTION_KEY` from another one without giving it away: 16 hex digits. It is kept beside the
 * data (a label of the Postgres volume, a file in the sandbox's folder), so that a key that does not fit is noticed
 * before a server tries it. The key has 128 random bits, so nothing can be guessed from its hash.
 */
export function fingerprintOf(encryptionKey: string): string {
  return createHash("sha256").update(`infisical-pulumi-stack ${encryptionKey}`).digest("hex").slice(0, 16);
}

/** File in the sandbox's data folder that holds the fingerprint. */
export const FINGERPRINT_FILE = "key-fingerprint";
