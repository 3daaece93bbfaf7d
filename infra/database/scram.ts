import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

/** Postgres' own default. */
const ITERATIONS = 4096;

/**
 * What Postgres stores in place of a password (RFC 5802, RFC 7677): given to `ALTER ROLE`, the password itself never
 * gets into a statement, and so into no log.
 * @param password letters and digits, which need no preparation by SASLprep.
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, "sha256");
  const hmac = (text: string): Buffer => createHmac("sha256", salted).update(text).digest();
  const storedKey = createHash("sha256").update(hmac("Client Key")).digest("base64");
  const serverKey = hmac("Server Key").toString("base64");
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}
