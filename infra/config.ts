import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { loadBlueprint } from "./blueprint/load";
import type { Blueprint, SecretSource } from "./blueprint/schema";
import { SECRET_SETTINGS, settingsSchema, type SettingsInput } from "./settings-schema";

/** Folder of the project, where Pulumi.yaml lies. */
export const PROJECT_ROOT = resolve(__dirname, "..");

/** All that the program is told, checked. Nothing else reads the configuration. */
export interface Settings extends SettingsInput {
  /** `<project>/<stack>`: the mark on everything that this stack makes. */
  owner: string;
  project: string;
  stack: string;
  /** Address of the server, made of configuration only. */
  url: string;
  plan: Blueprint;
  /** Names of configuration secrets that the blueprint wants and nobody has set yet. */
  unset: string[];
  /** The value of a secret in the blueprint: always marked as secret. */
  valueOf: (source: SecretSource) => pulumi.Output<string>;
}

/**
 * Reads and checks the stack's configuration and its blueprint.
 * @throws pulumi.RunError with every problem in one message; nothing has been created then.
 */
export function loadSettings(): Settings {
  const project = pulumi.getProject();
  const stack = pulumi.getStack();
  const given = ownConfig(project);
  const values = settingsOf(given);
  const plan = readBlueprint(values);
  const wanted = configNamesOf(plan);
  refuseUnknown(given, wanted, stack);
  refuseClearSecrets(
    project,
    [...wanted, ...SECRET_SETTINGS].filter((name) => given.has(name)),
  );
  return {
    ...values,
    owner: `${project}/${stack}`,
    project,
    stack,
    url: (values["server.siteUrl"] ?? `http://localhost:${values["server.port"]}`).replace(/\/+$/, ""),
    plan,
    unset: wanted.filter((name) => (given.get(name) ?? "") === ""),
    valueOf: (source) =>
      pulumi.secret("config" in source ? given.get(source.config) || placeholder(source.config) : source.literal),
  };
}

/** Stands in for a secret that nobody has set, and says how to set it to whoever reads it. */
function placeholder(name: string): string {
  return `PLACEHOLDER: set it with: pulumi config set --secret ${name}`;
}

/** The project's own keys. An object (`config set --path`) is taken apart: `server: {port: 1}` is `server.port`. */
function ownConfig(project: string): Map<string, string> {
  const own = new Map<string, string>();
  for (const [key, value] of Object.entries(pulumi.runtime.allConfig())) {
    const [namespace, ...name] = key.split(":");
    if (namespace === project) flatten(name.join(":"), value, own);
  }
  return own;
}

function flatten(name: string, value: unknown, into: Map<string, string>): void {
  const parsed = typeof value === "string" && value.startsWith("{") ? parseObject(value) : value;
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    into.set(name, typeof parsed === "string" ? parsed : JSON.stringify(parsed));
    return;
  }
  for (const [key, inner] of Object.entries(parsed)) flatten(`${name}.${key}`, inner, into);
}

function parseObject(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function settingsOf(given: Map<string, string>): SettingsInput {
  const known = Object.keys(settingsSchema.shape);
  const parsed = settingsSchema.safeParse(Object.fromEntries([...given].filter(([name]) => known.includes(name))));
  if (parsed.success) return parsed.data;
  throw new pulumi.RunError(
    parsed.error.issues
      .map((issue) => {
        const name = issue.path.join(".");
        const seen = SECRET_SETTINGS.includes(name) ? "" : ` (now: ${given.get(name) ?? ""})`;
        return `infisical:${name}: ${issue.message}${seen}. Correct it: pulumi config set ${name} ...`;
      })
      .join("\n"),
  );
}

function readBlueprint(values: SettingsInput): Blueprint {
  try {
    const licensed = values["server.licenseKey"] !== undefined;
    return loadBlueprint(resolve(PROJECT_ROOT, values.blueprint), values.blueprint, { licensed });
  } catch (thrown) {
    throw new pulumi.RunError(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function configNamesOf(plan: Blueprint): string[] {
  const sources = Object.values(plan.projects)
    .flatMap(({ secrets }) => Object.values(secrets))
    .flatMap((folders) => Object.values(folders))
    .flatMap((keys) => Object.values(keys));
  return [...new Set(sources.flatMap((source) => ("config" in source ? [source.config] : [])))];
}

function refuseUnknown(given: Map<string, string>, wanted: string[], stack: string): void {
  const known = [...Object.keys(settingsSchema.shape), ...wanted];
  const unknown = [...given.keys()].filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new pulumi.RunError(
    unknown
      .map((name) => {
        const near = known.find((other) => distance(name.toLowerCase(), other.toLowerCase()) <= 2);
        const hint = near === undefined ? "It is no setting and no secret of the blueprint." : `Did you mean ${near}?`;
        return `infisical:${name}: unknown key. ${hint} Remove it: pulumi config rm ${name} -s ${stack}`;
      })
      .join("\n"),
  );
}

/** A secret that was set without `--secret` lies in clear in the stack file. */
function refuseClearSecrets(project: string, names: string[]): void {
  const secretKeys = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS || "[]") as string[];
  const clear = names.filter((name) => !secretKeys.includes(`${project}:${name}`));
  if (clear.length === 0) return;
  throw new pulumi.RunError(
    clear
      .map(
        (name) =>
          `infisical:${name}: it is a secret, and stands in clear in the stack file. Set it again: pulumi config set --secret ${name}`,
      )
      .join("\n"),
  );
}

/** Number of letters to change, add or drop to get from one word to the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
