import * as pulumi from "@pulumi/pulumi";
import { refusal } from "../api/fault";
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
import type { ConnectionInput } from "./connection";
import { defineProvider, type Known, type Save } from "./crud";

interface Inputs {
  connection: Connection;
  projectId: string;
  /** Slug of the environment. */
  environment: string;
  /** Absolute path of the folder. */
  path: string;
  /** Each one a secret under its own key, so that a diff names the keys and hides the values. */
  values: { [key: string]: string };
  /** Keys that are written once; what people make of them later stays. */
  seedOnce: string[];
  /** Delete keys that this stack did not write. */
  prune: boolean;
  /** Keys there that this stack did not write, when it prunes: none are wanted. */
  unwanted: string[];
}

interface Outputs {
  /** Keys there that this stack did not write and lets be; their values are never read into the state. */
  othersKeys: string[];
}

type State = Inputs & Outputs;

const secretsProvider = defineProvider<Inputs, Outputs>({
  noun: "Secrets",
  title: (inputs) => `${inputs.environment}:${inputs.path}`,
  revision: 1,
  secrets: ["connection.clientSecret", "values.*"],
  replaceOn: ["projectId", "environment", "path"],
  converge,
  read,
  remove,
});

async function converge(inputs: Inputs, known: Known<State> | undefined, save: Save<Outputs>) {
  const ask = askAs(inputs.connection);
  const id = `${inputs.projectId}/${inputs.environment}${inputs.path}`;
  const there = await listSecrets(ask, placeOf(inputs));
  if (there === undefined) {
    throw refusal("the folder is not there. Run `pulumi refresh`, then `pulumi up`; `npm run up` does both.");
  }
  const dropped = Object.keys(known?.state.values ?? {}).filter((key) => !(key in inputs.values));
  const others = there.map(({ key }) => key).filter((key) => !(key in inputs.values) && !dropped.includes(key));
  // From here on the state may hold more or fewer keys than the server: the next run looks again and goes on.
  save(id, { othersKeys: inputs.prune ? [] : others });
  await writeSecrets(ask, placeOf(inputs), writesOf(inputs, there));
  const goes = inputs.prune ? [...dropped, ...others] : dropped;
  await deleteSecrets(ask, placeOf(inputs), presentOf(goes, there));
  return { id, outputs: { othersKeys: inputs.prune ? [] : others } };
}

function writesOf(inputs: Inputs, there: Secret[]): SecretWrite[] {
  const present = new Map(there.map((secret) => [secret.key, secret]));
  return Object.entries(inputs.values)
    .filter(([key, value]) => {
      const secret = present.get(key);
      return secret === undefined || (!inputs.seedOnce.includes(key) && secret.value !== asStored(value));
    })
    .map(([key, value]) => ({ key, value }));
}

function presentOf(keys: string[], there: Secret[]): string[] {
  const present = new Set(there.map(({ key }) => key));
  return keys.filter((key) => present.has(key));
}

async function read(_id: string, state: State) {
  const there = await listSecrets(askAs(state.connection), placeOf(state));
  if (there === undefined) return undefined;
  const others = there.map(({ key }) => key).filter((key) => !(key in state.values));
  const { connection, projectId, environment, path, seedOnce, prune } = state;
  return {
    inputs: {
      connection,
      projectId,
      environment,
      path,
      seedOnce,
      prune,
      values: valuesSeen(state, there),
      unwanted: prune ? others : [],
    },
    outputs: { othersKeys: prune ? [] : others },
  };
}

/** Values of keys that the state has, and of no other: a value that it does not know would be written in clear. */
function valuesSeen(state: State, there: Secret[]): { [key: string]: string } {
  const values: { [key: string]: string } = {};
  const present = new Map(there.map((secret) => [secret.key, secret.value]));
  for (const [key, known] of Object.entries(state.values)) {
    const value = present.get(key);
    if (value === undefined) continue;
    values[key] = state.seedOnce.includes(key) || value === asStored(known) ? known : value;
  }
  return values;
}

async function remove(_id: string, state: State): Promise<void> {
  const ask = askAs(state.connection);
  const there = await listSecrets(ask, placeOf(state));
  if (there !== undefined) await deleteSecrets(ask, placeOf(state), presentOf(Object.keys(state.values), there));
}

function placeOf(inputs: Inputs): SecretsPlace {
  return { projectId: inputs.projectId, environment: inputs.environment, secretPath: inputs.path };
}

export interface SecretsArgs {
  connection: ConnectionInput;
  projectId: pulumi.Input<string>;
  environment: string;
  path: string;
  /** Make each value a secret; the keys may be seen. */
  values: { [key: string]: pulumi.Input<string> };
  /** @default [] */
  seedOnce?: string[];
  /** @default false */
  prune?: boolean;
}

/** All secrets of one folder in one environment, as one resource: one read and few writes, however many keys. */
export class Secrets extends pulumi.dynamic.Resource {
  constructor(name: string, args: SecretsArgs, opts?: pulumi.CustomResourceOptions) {
    const inputs = { seedOnce: [], prune: false, unwanted: [], ...args, othersKeys: undefined };
    super(secretsProvider, name, inputs, opts, "infisical", "Secrets");
  }
}
