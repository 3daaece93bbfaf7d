import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { messageOf } from "./api/fault";
import { readBlueprintFile, type BlueprintFile } from "./blueprint/load";
import type { Blueprint } from "./blueprint/schema";
import { configNamesOf, resolveValues, type Values } from "./blueprint/values";
import { externalAccountOf, type ExternalAccount } from "./external-account";
import { hardeningProblems } from "./hardening";
import { nearName } from "./near-name";
import { flattened, ownConfig } from "./own-config";
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
  /** With target `external`: who the program works as. */
  account: ExternalAccount;
  plan: Blueprint;
  /** Names of configuration secrets that the blueprint wants and nobody has set yet. */
  unset: string[];
  /** The value of a source in the blueprint: a secret. */
  valueOf: Values["of"];
  /** Number of the client secret that an identity has; raising it makes a new one. */
  generationOf: (identity: string) => number;
  /** Client secrets of an identity up to this number are revoked at once, their grace or not; 0 = none. */
  revokedThrough: (identity: string) => number;
}

/**
 * Reads and checks the stack's configuration and its blueprint.
 * @throws pulumi.RunError with every problem in one message; nothing has been created then.
 */
export function loadSettings(): Settings {
  const project = pulumi.getProject();
  const stack = pulumi.getStack();
  const raw = ownConfig(project);
  const values = settingsOf(flattened(raw));
  const blueprint = inRun(() => openBlueprint(values));
  const wanted = configNamesOf(blueprint.plan);
  // A secret may hold JSON, which is no group of settings.
  const given = flattened(raw, wanted);
  refuseUnknown(given, wanted, blueprint.plan, stack);
  refuseClearSecrets(
    project,
    [...wanted, ...SECRET_SETTINGS].filter((name) => given.has(name)),
  );
  const { account, problems } = externalAccountOf(values, process.env);
  const wrong = [...problems, ...hardeningProblems(values)];
  if (wrong.length > 0) throw new pulumi.RunError(wrong.join("\n"));
  const around = { config: (name: string) => given.get(name), env: process.env, root: PROJECT_ROOT, opened: new Map() };
  const { of, unset } = inRun(() => resolveValues(blueprint, around));
  return {
    ...values,
    owner: `${project}/${stack}`,
    project,
    stack,
    url: urlOf(values),
    account,
    plan: blueprint.plan,
    unset,
    valueOf: of,
    generationOf: numbersIn(given, GENERATION, 1),
    revokedThrough: numbersIn(given, REVOKED, 0),
  };
}

function urlOf(values: SettingsInput): string {
  const given = values.target === "external" ? values["external.url"] : values["server.siteUrl"];
  return (given ?? `http://localhost:${values["server.port"]}`).replace(/\/+$/, "");
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

function openBlueprint(values: SettingsInput): BlueprintFile {
  const licensed = values["server.licenseKey"] !== undefined || values["external.licensed"];
  return readBlueprintFile(resolve(PROJECT_ROOT, values.blueprint), values.blueprint, { licensed });
}

/** Numbers of client secrets by identity: `generation.<identity>` and `revoked.<identity>`, from 1. */
function numbersIn(given: Map<string, string>, prefix: string, none: number): (identity: string) => number {
  const numbers = [...given].filter(([name]) => name.startsWith(prefix));
  const wrong = numbers.filter(([, value]) => !/^[1-9]\d*$/.test(value));
  if (wrong.length > 0) {
    const lines = wrong.map(([name, value]) => `infisical:${name}: write a whole number from 1 (now: ${value})`);
    throw new pulumi.RunError(lines.join("\n"));
  }
  return (identity) => Number(given.get(`${prefix}${identity}`) ?? none);
}

const GENERATION = "generation.";
const REVOKED = "revoked.";

function refuseUnknown(given: Map<string, string>, wanted: string[], plan: Blueprint, stack: string): void {
  const numbered = Object.keys(plan.identities).flatMap((identity) => [GENERATION + identity, REVOKED + identity]);
  const known = [...Object.keys(settingsSchema.shape), ...wanted, ...numbered];
  const unknown = [...given.keys()].filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new pulumi.RunError(
    unknown
      .map((name) => {
        const near = nearName(name, known);
        const hint = near === undefined ? noSuch(name) : `Did you mean ${near}?`;
        return `infisical:${name}: unknown key. ${hint} Remove it: pulumi config rm ${name} -s ${stack}`;
      })
      .join("\n"),
  );
}

function noSuch(name: string): string {
  const prefix = [GENERATION, REVOKED].find((one) => name.startsWith(one));
  if (prefix === undefined) return "It is no setting and no secret of the blueprint.";
  return `The blueprint has no identity "${name.slice(prefix.length)}".`;
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

/** Pulumi prints the stack of any other error. */
function inRun<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw new pulumi.RunError(messageOf(thrown));
  }
}
