import { createHash } from "node:crypto";
import { createReadStream, readdirSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import type { LockedImage } from "./images";
import type { Part } from "./part";

/** What is in a bundle: the loader checks everything against it. */
export interface BundleLock {
  format: 1;
  /** ISO time. */
  made: string;
  commit: string | undefined;
  /** The npm packages and the programs are for this system. */
  platform: { os: string; cpu: string; node: string; python: string | undefined };
  npmRegistry: string;
  parts: { name: string; state: string; detail: string }[];
  images: LockedImage[];
  files: { [path: string]: { sha256: string; bytes: number } };
}

export function lockedParts(parts: Part[]): BundleLock["parts"] {
  return parts.map(({ name, state, detail }) => ({ name, state, detail }));
}

/** SHA-256 and size of every file below a folder, by its path with slashes. */
export async function checksumsOf(folder: string): Promise<BundleLock["files"]> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const sums: BundleLock["files"] = {};
  for (const { parentPath, name } of files) {
    const file = join(parentPath, name);
    sums[relative(folder, file).split(sep).join("/")] = { sha256: await sha256Of(file), bytes: statSync(file).size };
  }
  return sums;
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
