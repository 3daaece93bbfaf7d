import { createHash, randomBytes, scrypt, timingSafeEqual } from "node:crypto";

const KEY_LENGTH = 32;

/** A salted scrypt hash, for passwords that people choose. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `${salt.toString("base64")}.${(await derive(password, salt)).toString("base64")}`;
}

export async function isPassword(password: string, hash: string): Promise<boolean> {
  const [salt, expected] = hash.split(".");
  if (salt === undefined || expected === undefined) return false;
  return timingSafeEqual(await derive(password, Buffer.from(salt, "base64")), Buffer.from(expected, "base64"));
}

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, KEY_LENGTH, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

/** A plain digest is enough for secrets of 256 random bits: there is nothing to guess. */
export const hashRandomSecret = (secret: string): string => createHash("sha256").update(secret).digest("hex");
