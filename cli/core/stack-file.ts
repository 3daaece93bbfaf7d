import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { ROOT, STACKS_FOLDER } from "./places";

type StackFile = { config?: { [key: string]: unknown } } & { [section: string]: unknown };

/**
 * The working copy of a stack's file. Pulumi writes a salt and encrypted secrets into it, which must not get into a
 * clone; so the tracked file stays as it is, and changes that people make to it later are taken over key by key.
 * @returns its absolute path.
 */
export function workingStackFile(stack: string): string {
  mkdirSync(STACKS_FOLDER, { recursive: true, mode: 0o700 });
  // Commands that run no program run from here: those that write the stack file write this copy.
  writeFileSync(join(STACKS_FOLDER, "Pulumi.yaml"), "name: infisical\nruntime: nodejs\n");
  const tracked = join(ROOT, `Pulumi.${stack}.yaml`);
  const working = join(STACKS_FOLDER, `Pulumi.${stack}.yaml`);
  const seen = join(STACKS_FOLDER, `tracked.${stack}.yaml`);
  if (!existsSync(tracked)) return working;
  // Without a working copy (`pulumi stack rm` deletes it) everything in the tracked file is new again.
  const merged = mergeStackFile(read(tracked), existsSync(working) ? read(seen) : {}, read(working));
  if (stringify(merged) !== stringify(read(working))) writeFileSync(working, stringify(merged), { mode: 0o600 });
  copyFileSync(tracked, seen);
  return working;
}

/** The file in which a stack's configuration is: the working copy, or the tracked file of a user's own backend. */
export function stackFileOf({ stack, configFile }: { stack: string; configFile: string | undefined }): string {
  return configFile ?? join(ROOT, `Pulumi.${stack}.yaml`);
}

/** What serves the API of a stack, as its file says. */
export function targetIn(file: string): string {
  return settingIn(file, "target") ?? "docker";
}

/** A setting as the stack's file has it; of a secret only that it is there. */
export function settingIn(file: string, key: string): string | undefined {
  const value = read(file).config?.[`infisical:${key}`];
  if (value === undefined || value === null) return undefined;
  return typeof value === "object" ? "[secret]" : String(value);
}

/** Sets keys that are no secrets, with their namespace; `undefined` takes one out. */
export function setInStackFile(file: string, settings: { [key: string]: unknown }): void {
  const content = read(file);
  const config = { ...content.config };
  for (const [key, value] of Object.entries(settings)) {
    if (value === undefined) delete config[key];
    else config[key] = value;
  }
  writeFileSync(file, stringify({ ...content, config }), { mode: 0o600 });
}

/** What people changed in the tracked file since it was last looked at, put into the working copy. */
export function mergeStackFile(tracked: StackFile, seen: StackFile, working: StackFile): StackFile {
  const config = { ...working.config };
  const keys = new Set([...Object.keys(tracked.config ?? {}), ...Object.keys(seen.config ?? {})]);
  for (const key of keys) {
    const now = tracked.config?.[key];
    if (stringify(now) === stringify(seen.config?.[key])) continue;
    if (now === undefined) delete config[key];
    else config[key] = now;
  }
  return { ...working, config };
}

function read(file: string): StackFile {
  return existsSync(file) ? ((parse(readFileSync(file, "utf8")) as StackFile | null) ?? {}) : {};
}
