import { createHmac, randomBytes } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { refusal } from "../api/fault";
import type { Ask } from "../api/http";
import {
  asStored,
  deleteSecrets,
  listSecrets,
  writeSecrets,
  type Secret,
  type SecretWrite,
  type SecretsPlace,
} from "../api/secrets";
import { askAs, type Connection } from "../api/session";
import { listTags } from "../api/tags";
import type { ConnectionInput, Deletion } from "./connection";
import { canonical, defineProvider, isUnknown, type Known, type Save } from "./crud";
import { DynamicResource } from "./dynamic-resource";

/** What is said about a secret beside its value; what is left out is left to people. */
export interface SecretNotes {
  comment?: string;
  /** Slugs of tags that the project has. */
  tags?: string[];
  metadata?: { [key: string]: string };
}

interface Inputs {
  connection: Connection;
  projectId: string;
  /** Slug of the environment. */
  environment: string;
  /** Absolute path of the folder. */
  path: string;
  /** Each one a secret under its own key, so that a diff names the keys and hides the values. */
  values: { [key: string]: string };
  /** By key. */
  notes: { [key: string]: SecretNotes };
  /** Keys that are written once; what people make of them later stays. */
  seedOnce: string[];
  /** Those among them whose value is a placeholder that people are to replace. */
  mustFill: string[];
  /** Delete keys that this stack did not write. */
  prune: boolean;
  /** Keys there that this stack did not write, when it prunes: none are wanted. */
  unwanted: string[];
  /** The folder was made by this stack, so a key in it with the very value wanted is of a run that was killed. */
  ownFolder: boolean;
  /** What to do with the keys when the resource goes. `keepAdopted`: those that were there before stay. */
  deletion: Deletion | "keepAdopted";
}

/**
 * In place of the values, which are in the state once already, their fingerprints: that is what makes the state of a
 * thousand keys small. They are keyed with a salt that is itself encrypted, so nobody can try values against them.
 */
interface Outputs {
  fingerprints: { [key: string]: string };
  salt: string;
  /** Values of the keys that are written once: what the blueprint said, whatever the server says by now. */
  seeds: { [key: string]: string };
  /** Keys that were there before this stack had them. */
  adopted: string[];
  /** Keys there that this stack did not write and lets be; their values are never read into the state. */
  othersKeys: string[];
  /** Keys that hold their placeholder still. */
  unfilled: string[];
}

/** The values are not among the outputs, whatever the type of a state says. */
type State = Omit<Inputs, "values"> & Outputs;

const secretsProvider = defineProvider<Inputs, Outputs>({
  noun: "Secrets",
  title: (inputs) => `${inputs.environment}:${inputs.path}`,
  revision: 3,
  secrets: ["connection.clientSecret", "values.*", "salt", "seeds.*"],
  replaceOn: ["projectId", "environment", "path"],
  condensed: { inputs: ["values"], differs: valuesDiffer },
  converge,
  read,
  remove,
});

function valuesDiffer(state: State, inputs: Inputs): boolean {
  if (isUnknown(inputs.values)) return true;
  const { fingerprints, salt } = state;
  const keys = Object.keys(inputs.values);
  const once = new Set(inputs.seedOnce);
  if (keys.length !== Object.keys(fingerprints).length) return true;
  return keys.some((key) => {
    const known = fingerprints[key];
    if (known === undefined) return true;
    return !once.has(key) && known !== fingerprint(salt, key, inputs.values[key] ?? "");
  });
}

async function converge(inputs: Inputs, known: Known<State> | undefined, save: Save<Outputs>) {
  const ask = askAs(inputs.connection);
  const id = `${inputs.projectId}/${inputs.environment}${inputs.path}`;
  const there = await listSecrets(ask, placeOf(inputs));
  if (there === undefined) {
    throw refusal("the folder is not there. Run `pulumi refresh`, then `pulumi up`; `npm run up` does both.");
  }
  const outputs = outputsOf(inputs, known?.state, there);
  // A half-made object has the keys of before and of after: the next run looks at the server again and goes on.
  save(id, { ...outputs, fingerprints: { ...known?.state.fingerprints, ...outputs.fingerprints } });
  await writeSecrets(ask, placeOf(inputs), await writesOf(ask, inputs, there));
  await deleteSecrets(ask, placeOf(inputs), goingOf(inputs, known?.state, there));
  return { id, outputs };
}

function outputsOf(inputs: Inputs, before: State | undefined, there: Secret[]): Outputs {
  const salt = before?.salt ?? randomBytes(16).toString("base64url");
  const managed = Object.keys(inputs.values);
  const present = new Map(there.map(({ key, value }) => [key, value]));
  const isNew = (key: string): boolean => before?.fingerprints[key] === undefined;
  const isOurs = (key: string): boolean => inputs.ownFolder && present.get(key) === asStored(inputs.values[key] ?? "");
  const wasAdopted = new Set(before?.adopted);
  const going = new Set(goingOf(inputs, before, there));
  return {
    salt,
    fingerprints: Object.fromEntries(managed.map((key) => [key, fingerprint(salt, key, inputs.values[key] ?? "")])),
    seeds: Object.fromEntries(inputs.seedOnce.map((key) => [key, inputs.values[key] ?? ""])),
    adopted: managed.filter((key) => present.has(key) && (wasAdopted.has(key) || (isNew(key) && !isOurs(key)))),
    othersKeys: [...present.keys()].filter((key) => !(key in inputs.values) && !going.has(key)),
    unfilled: unfilledOf(inputs, inputs.values, there),
  };
}

/** Keys on the server that go: those that the blueprint had and dropped, and when it prunes all that it does not name. */
function goingOf(inputs: Inputs, before: State | undefined, there: Secret[]): string[] {
  const stays = new Set(inputs.deletion === "delete" ? [] : before?.adopted);
  const dropped = (key: string): boolean => before?.fingerprints[key] !== undefined && !stays.has(key);
  return there.map(({ key }) => key).filter((key) => !(key in inputs.values) && (inputs.prune || dropped(key)));
}

async function writesOf(ask: Ask, inputs: Inputs, there: Secret[]): Promise<SecretWrite[]> {
  const present = new Map(there.map((secret) => [secret.key, secret]));
  const once = new Set(inputs.seedOnce);
  const pending = Object.entries(inputs.values).flatMap(([key, value]) => {
    const secret = present.get(key);
    const keeps = secret !== undefined && (once.has(key) || secret.value === asStored(value));
    const notes = inputs.notes[key] ?? {};
    const sameNotes = secret !== undefined && canonical(notesSeen(secret, notes)) === canonical(inOrder(notes));
    return keeps && sameNotes ? [] : [{ key, notes: sameNotes ? {} : notes, ...(keeps ? {} : { value }) }];
  });
  const tagIds = pending.some(({ notes }) => notes.tags !== undefined) ? await idsOfTags(ask, inputs.projectId) : {};
  return pending.map(({ notes: { tags, ...notes }, ...write }) => ({
    ...write,
    ...notes,
    ...(tags === undefined ? {} : { tagIds: tags.map((tag) => tagIds[tag] ?? missingTag(tag)) }),
  }));
}

async function idsOfTags(ask: Ask, projectId: string): Promise<{ [slug: string]: string }> {
  return Object.fromEntries((await listTags(ask, projectId)).map(({ slug, id }) => [slug, id]));
}

function missingTag(tag: string): never {
  throw refusal(
    `the project has no tag "${tag}". Run \`pulumi refresh\`, then \`pulumi up\`; \`npm run up\` does both.`,
  );
}

/** Of what the server has about a secret, that which is said about it here. */
function notesSeen(secret: Secret, said: SecretNotes): SecretNotes {
  return {
    ...(said.comment === undefined ? {} : { comment: secret.comment }),
    ...(said.tags === undefined ? {} : { tags: secret.tags }),
    ...(said.metadata === undefined ? {} : { metadata: secret.metadata }),
  };
}

/** Tags in the order in which a list of secrets gives them; comments are trimmed by the server. */
function inOrder({ comment, tags, metadata }: SecretNotes): SecretNotes {
  return {
    ...(comment === undefined ? {} : { comment: comment.trim() }),
    ...(tags === undefined ? {} : { tags: [...tags].sort() }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

async function read(_id: string, state: State) {
  const there = await listSecrets(askAs(state.connection), placeOf(state));
  if (there === undefined) return undefined;
  const managed = there.filter(({ key }) => state.fingerprints[key] !== undefined);
  const others = there.map(({ key }) => key).filter((key) => state.fingerprints[key] === undefined);
  const values = Object.fromEntries(managed.map(({ key, value }) => [key, state.seeds[key] ?? value]));
  const { connection, projectId, environment, path, seedOnce, mustFill, prune, ownFolder, deletion, salt } = state;
  return {
    inputs: {
      connection,
      projectId,
      environment,
      path,
      seedOnce,
      mustFill,
      prune,
      ownFolder,
      deletion,
      values,
      notes: notesRead(state, managed),
      unwanted: prune ? others : [],
    },
    outputs: {
      salt,
      fingerprints: Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key, fingerprint(salt, key, value)]),
      ),
      seeds: state.seeds,
      adopted: state.adopted.filter((key) => key in values),
      othersKeys: prune ? [] : others,
      unfilled: unfilledOf(state, state.seeds, there),
    },
  };
}

function notesRead(state: State, managed: Secret[]): Inputs["notes"] {
  const notes: Inputs["notes"] = {};
  for (const secret of managed) {
    const said = state.notes[secret.key];
    if (said === undefined) continue;
    const seen = notesSeen(secret, said);
    notes[secret.key] = canonical(seen) === canonical(inOrder(said)) ? said : seen;
  }
  return notes;
}

function unfilledOf({ mustFill }: { mustFill: string[] }, seeds: { [key: string]: string }, there: Secret[]): string[] {
  const present = new Map(there.map(({ key, value }) => [key, value]));
  // One that is not there yet is about to be written as its placeholder.
  return mustFill.filter((key) => (present.get(key) ?? asStored(seeds[key] ?? "")) === asStored(seeds[key] ?? ""));
}

async function remove(_id: string, state: State): Promise<void> {
  if (state.deletion === "keep") return;
  const ask = askAs(state.connection);
  const there = await listSecrets(ask, placeOf(state));
  const stays = new Set(state.deletion === "keepAdopted" ? state.adopted : []);
  const ours = (key: string): boolean => state.fingerprints[key] !== undefined && !stays.has(key);
  await deleteSecrets(ask, placeOf(state), (there ?? []).map(({ key }) => key).filter(ours));
}

/** Of the value as the server keeps it, so that white space at its ends makes no difference. */
function fingerprint(salt: string, key: string, value: string): string {
  return createHmac("sha256", salt)
    .update(`${key}\n${asStored(value)}`)
    .digest("base64url")
    .slice(0, 16);
}

function placeOf(inputs: Omit<Inputs, "values">): SecretsPlace {
  return { projectId: inputs.projectId, environment: inputs.environment, secretPath: inputs.path };
}

export interface SecretsArgs {
  connection: ConnectionInput;
  projectId: pulumi.Input<string>;
  environment: string;
  path: string;
  /** Make each value a secret; the keys may be seen. */
  values: { [key: string]: pulumi.Input<string> };
  /** @default {} */
  notes?: { [key: string]: SecretNotes };
  /** @default [] */
  seedOnce?: string[];
  /** Each of them is in `seedOnce`, too. @default [] */
  mustFill?: string[];
  /** @default false */
  prune?: boolean;
  /** Whether this stack made the folder. @default false */
  ownFolder?: pulumi.Input<boolean>;
  /** @default "keepAdopted" */
  deletion?: Deletion | "keepAdopted";
}

/** All secrets of one folder in one environment, as one resource: one read and few writes, however many keys. */
export class Secrets extends DynamicResource {
  declare readonly unfilled: pulumi.Output<string[]>;

  constructor(name: string, args: SecretsArgs, opts?: pulumi.CustomResourceOptions) {
    const computed = {
      fingerprints: undefined,
      salt: undefined,
      seeds: undefined,
      adopted: undefined,
      othersKeys: undefined,
      unfilled: undefined,
    };
    const noKeys = { notes: {}, seedOnce: [], mustFill: [], unwanted: [] };
    const defaults = { ...noKeys, prune: false, ownFolder: false, deletion: "keepAdopted" };
    // As the server will keep them, or a refresh would show a difference that is none.
    const values = Object.fromEntries(
      Object.entries(args.values).map(([key, value]) => [key, pulumi.output(value).apply(asStored)]),
    );
    super(secretsProvider, name, { ...defaults, ...args, values, ...computed }, opts, "infisical", "Secrets");
  }
}
