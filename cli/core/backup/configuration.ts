import { z } from "zod";
import { askPulumi, feedPulumi } from "../pulumi";
import { setInStackFile, stackFileOf } from "../stack-file";
import type { Workspace } from "../workspace";

const entry = z.object({ value: z.string().optional(), objectValue: z.unknown().optional(), secret: z.boolean() });

/** A stack's configuration with its secrets in clear, as `pulumi config --show-secrets --json` prints it. */
export const configurationSchema = z.record(z.string(), entry);
export type Configuration = z.output<typeof configurationSchema>;

export async function readConfiguration(workspace: Workspace): Promise<Configuration> {
  const { stdout } = await askPulumi(workspace, ["config", "--show-secrets", "--json"]);
  return configurationSchema.parse(JSON.parse(stdout === "" ? "{}" : stdout));
}

/** Sets keys of a stack's configuration; those that are there already stay unless they are given. */
export async function writeConfiguration(workspace: Workspace, configuration: Configuration): Promise<void> {
  const plain = Object.entries(configuration).filter(([, { secret }]) => !secret);
  setInStackFile(
    stackFileOf(workspace),
    Object.fromEntries(plain.map(([key, { value, objectValue }]) => [key, objectValue ?? value])),
  );
  for (const [key, { value, objectValue, secret }] of Object.entries(configuration)) {
    if (!secret) continue;
    for (const [path, leaf] of objectValue === undefined ? [[key, value ?? ""] as const] : leavesOf(key, objectValue)) {
      const asPath = objectValue === undefined ? [] : ["--path"];
      await feedPulumi(workspace, ["config", "set", "--secret", ...asPath, path], leaf);
    }
  }
}

/** Every value in an object, by its path. */
function leavesOf(path: string, value: unknown): (readonly [path: string, leaf: string])[] {
  if (typeof value !== "object" || value === null) return [[path, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) =>
    leavesOf(Array.isArray(value) ? `${path}[${key}]` : `${path}["${key}"]`, inner),
  );
}
