import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { z } from "zod";
import { LOCAL } from "../core/places";
import { readTools, standInsOf } from "../core/tools";
import type { Workspace } from "../core/workspace";

/** Every ephemeral stack's name begins like this: nothing else in the project may. */
export const NAME_PREFIX = "eph-";

/** Each instance keeps its state, passphrase and stack file in a folder of its own in here, and nothing elsewhere. */
export const EPHEMERAL_FOLDER = join(LOCAL, "ephemeral");

const record = z.object({
  name: z.string(),
  target: z.enum(["sandbox", "docker"]),
  port: z.number(),
  /** ISO time after which the reaper takes it. */
  expires: z.string(),
  dockerHost: z.string().optional(),
});

/** An ephemeral Infisical, as noted before any of it was made. */
export type Instance = z.output<typeof record>;

export function newName(): string {
  return `${NAME_PREFIX}${randomBytes(4).toString("hex")}`;
}

export function folderOf(name: string): string {
  return join(EPHEMERAL_FOLDER, name);
}

/** Where the environment of an application that uses the instance is: JSON, of mode 0600. */
export function environmentFileOf(name: string): string {
  return join(folderOf(name), "environment.json");
}

export function stackFileOf(name: string): string {
  return join(folderOf(name), "stacks", `Pulumi.${name}.yaml`);
}

/** Notes the instance before anything of it exists, so that a start that is killed half-way can be reaped. */
export function writeInstance(instance: Instance): void {
  const folder = folderOf(instance.name);
  for (const name of ["state", "stacks"]) mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "instance.json"), `${JSON.stringify(instance)}\n`);
  writeFileSync(join(folder, "passphrase"), randomBytes(32).toString("base64url"), { mode: 0o600 });
  writeFileSync(join(folder, "stacks", "Pulumi.yaml"), "name: infisical\nruntime: nodejs\n");
}

/** All that are noted in this project; a note that cannot be read counts as expired. */
export function readInstances(): Instance[] {
  if (!existsSync(EPHEMERAL_FOLDER)) return [];
  const names = readdirSync(EPHEMERAL_FOLDER).filter((name) => name.startsWith(NAME_PREFIX));
  return names.map((name) => {
    try {
      return record.parse(JSON.parse(readFileSync(join(folderOf(name), "instance.json"), "utf8")));
    } catch {
      return { name, target: "sandbox", port: 0, expires: new Date(0).toISOString() };
    }
  });
}

export function forgetInstance(name: string): void {
  rmSync(folderOf(name), { recursive: true, force: true });
}

/** How Pulumi is run for an instance: with a backend of its own, whatever backend the user has. */
export function workspaceOf({ name, target }: Instance): Workspace {
  const tools = readTools();
  const folder = folderOf(name);
  const standIns = target === "sandbox" || process.env.INFISICAL_STANDINS === "1" ? standInsOf(tools) : [];
  const path = [...tools.path, ...(standIns.length > 0 ? tools.standInPath : []), process.env.PATH ?? ""];
  const { PULUMI_CONFIG_PASSPHRASE: _mine, PULUMI_ACCESS_TOKEN: _token, ...around } = process.env;
  const env = {
    ...around,
    PATH: path.join(delimiter),
    PULUMI_STACK: name,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: join(folder, "passphrase"),
  };
  const configFile = stackFileOf(name);
  return { stack: name, env, configFile, quietFolder: join(folder, "stacks"), standIns, ownBackend: undefined, tools };
}
