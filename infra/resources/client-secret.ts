import * as pulumi from "@pulumi/pulumi";
import { findOrCreate } from "../api/find-or-create";
import type { Ask } from "../api/http";
import { askAs, type Connection } from "../api/session";
import {
  createClientSecret,
  listClientSecrets,
  revokeClientSecret,
  type ClientSecretInfo,
} from "../api/universal-auth";
import type { ConnectionInput } from "./connection";
import { defineProvider, type Known, type Save } from "./crud";

interface Inputs {
  connection: Connection;
  identityId: string;
  /** Raise it to get a new client secret. */
  generation: number;
  /** Seconds from its creation until it expires; 0 = never. */
  ttl: number;
  /** Logins until it is used up; 0 = without limit. */
  numUsesLimit: number;
  /** Seconds that the one before stays good after a change of generation. */
  grace: number;
  owner: string;
}

interface Outputs {
  clientSecret: string;
  clientSecretId: string;
  /** ISO time. */
  createdAt: string;
  /** The generation before, good until the ISO time `until`. */
  retiring: { id: string; until: string }[];
}

type State = Inputs & Outputs;

const clientSecretProvider = defineProvider<Inputs, Outputs>({
  noun: "ClientSecret",
  title: (inputs) => `number ${inputs.generation} of identity ${inputs.identityId}`,
  revision: 1,
  secrets: ["connection.clientSecret", "clientSecret"],
  replaceOn: ["identityId"],
  converge,
  read,
  remove,
  due: (state) => (state.retiring ?? []).some(({ until }) => Date.parse(until) <= Date.now()),
});

async function converge(inputs: Inputs, known: Known<State> | undefined, save: Save<Outputs>) {
  const ask = askAs(inputs.connection);
  const id = inputs.identityId;
  const before = known?.state;
  const alive = await listClientSecrets(ask, id);
  const outputs = isCurrent(inputs, before, alive)
    ? pickOutputs(before)
    : await mint(ask, inputs, retiringAfter(inputs, before));
  save(id, outputs);
  const { retiring } = outputs;
  const keep = [outputs.clientSecretId, ...stillGood(retiring).map((old) => old.id)];
  // Ours that nobody knows the value of: their answer was lost, or their time is over.
  const leftovers = alive.filter((secret) => !keep.includes(secret.id) && secret.description.startsWith(mark(inputs)));
  for (const secret of leftovers) await revokeClientSecret(ask, id, secret.id);
  return { id, outputs: { ...outputs, retiring: stillGood(retiring) } };
}

/** Whether the secret that the state holds is of this generation and still usable. */
function isCurrent(inputs: Inputs, before: State | undefined, alive: ClientSecretInfo[]): before is State {
  if (before?.clientSecret === undefined || before.clientSecret === "") return false;
  const same = (["generation", "ttl", "numUsesLimit"] as const).every((name) => before[name] === inputs[name]);
  const there = alive.find((secret) => secret.id === before.clientSecretId);
  return same && there !== undefined && isUsable(there);
}

async function mint(ask: Ask, inputs: Inputs, retiring: Outputs["retiring"]): Promise<Outputs> {
  const { ttl, numUsesLimit, generation } = inputs;
  const wanted = { description: `${mark(inputs)} ${generation}`, ttl, numUsesLimit };
  const made = await findOrCreate(
    // A client secret is shown once, so one whose answer was lost cannot be found again: it is revoked with the leftovers.
    async () => undefined,
    () => createClientSecret(ask, inputs.identityId, wanted),
  );
  return { clientSecret: made.clientSecret, clientSecretId: made.id, createdAt: made.createdAt, retiring };
}

/** At most two are good at any time: the new one and the one before it. */
function retiringAfter(inputs: Inputs, before: State | undefined): Outputs["retiring"] {
  if (before?.clientSecretId === undefined || before.identityId !== inputs.identityId || inputs.grace <= 0) return [];
  return [{ id: before.clientSecretId, until: new Date(Date.now() + inputs.grace * 1_000).toISOString() }];
}

function stillGood(retiring: Outputs["retiring"]): Outputs["retiring"] {
  return retiring.filter(({ until }) => Date.parse(until) > Date.now());
}

function mark(inputs: Inputs): string {
  return `${inputs.owner} generation`;
}

async function read(id: string, state: State) {
  const alive = await listClientSecrets(askAs(state.connection), id);
  const current = alive.find((secret) => secret.id === state.clientSecretId);
  const { connection, identityId, generation, ttl, numUsesLimit, grace, owner } = state;
  return {
    inputs: { connection, identityId, generation, ttl, numUsesLimit, grace, owner },
    outputs: pickOutputs(state),
    complete: current !== undefined && isUsable(current),
  };
}

function isUsable(secret: ClientSecretInfo): boolean {
  const expired = secret.ttl > 0 && Date.parse(secret.createdAt) + secret.ttl * 1_000 <= Date.now();
  const usedUp = secret.numUsesLimit > 0 && secret.numUses >= secret.numUsesLimit;
  return !secret.revoked && !expired && !usedUp;
}

function pickOutputs({ clientSecret, clientSecretId, createdAt, retiring }: Outputs): Outputs {
  return { clientSecret, clientSecretId, createdAt, retiring: retiring ?? [] };
}

async function remove(id: string, state: State): Promise<void> {
  const ask = askAs(state.connection);
  for (const old of [...(state.retiring ?? []).map((retired) => retired.id), state.clientSecretId]) {
    await revokeClientSecret(ask, id, old);
  }
}

export interface ClientSecretArgs {
  connection: ConnectionInput;
  identityId: pulumi.Input<string>;
  /** @default 1 */
  generation?: number;
  /** @default 0 */
  ttl?: number;
  /** @default 0 */
  numUsesLimit?: number;
  /** Seconds; an application with a token of the old secret needs the token's lifetime. */
  grace: number;
  owner: string;
}

/** The client secret of an identity, minted once; another generation is minted beside it and the old one retired. */
export class ClientSecret extends pulumi.dynamic.Resource {
  declare readonly clientSecret: pulumi.Output<string>;

  constructor(name: string, args: ClientSecretArgs, opts?: pulumi.CustomResourceOptions) {
    const computed = { clientSecret: undefined, clientSecretId: undefined, createdAt: undefined, retiring: undefined };
    const inputs = { generation: 1, ttl: 0, numUsesLimit: 0, ...args, ...computed };
    const secretOutputs = pulumi.mergeOptions({ additionalSecretOutputs: ["clientSecret"] }, opts);
    super(clientSecretProvider, name, inputs, secretOutputs, "infisical", "ClientSecret");
  }
}
