import { createHmac, randomBytes } from "node:crypto";

/**
 * Short marks of values for one run: alike for like values, and of no use to anybody afterwards, since the key that
 * they are made with is forgotten.
 */
export function fingerprints(): (value: string) => string {
  const key = randomBytes(32);
  return (value) => createHmac("sha256", key).update(value).digest("hex").slice(0, 8);
}
