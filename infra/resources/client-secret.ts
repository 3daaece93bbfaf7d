import * as pulumi from "@pulumi/pulumi";
import { refusal } from "../api/fault";
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
import { DynamicResource } from "./dynamic-resource";

interface Inputs {
  connection: Connection;
  identityId: string;
  /** Raise it to get a new client secret. */
  generation: number;
  /** Generations up to this one are revoked at once, their grace or not; 0 = none. */
  revokedThrough: number;
  /** Seconds from its creation until it expires; 0 = never. */
  ttl: number;
  /** Logins until it is used up; 0 = without limit. */
  numUsesLimit: number;
  /** Seconds that the one before stays good after a rotation. */
  grace: number;
  /** Seconds after which the next `up` makes another one; 0 = never. */
  rotateAfter: number;
  owner: string;
}

/** A client secret that was replaced, good until the ISO time `until`. */
interface Retiring {
  id: string;
  generation: number;
  until: string;
}

interface Outputs {
  clientSecret: string;
  clientSecretId: string;
  /** ISO time. */
  createdAt: string;
  /** The one before, or nothing. */
  retiring: Retiring[];
}

type State = Inputs & Outputs;

/** The current one and the one before it. */
const MOST_ALIVE = 2;
/** Seconds in which a new secret reaches the applications: the grace of the old one begins after them. */
const PUBLISHED_WITHIN = 60;

const clientSecretProvider = defineProvider<Inputs, Outputs>({
  noun: "ClientSecret",
  title: (inputs) => `number ${inputs.generation} of identity ${inputs.identityId}`,
  revision: 1,
  secrets: ["connection.clientSecret", "clientSecret"],
  replaceOn: ["identityId"],
  converge,
  read,
  remove,
  due,
});

/** Time alone makes these changes, so the plan has to say why there is one. */
function due(state: State): boolean {
  const old = isOld(state, state.rotateAfter);
  if (old) console.info(`client secret of identity ${state.identityId}: ${ageOf(state)}, so it is rotated`);
  const over = state.retiring.some(({ until }) => Date.parse(until) <= Date.now());
  if (over) console.info(`client secret of identity ${state.identityId}: the grace of the one before is over`);
  return old || over;
}

function ageOf({ createdAt, rotateAfter }: State): string {
  return `made at ${createdAt}, longer ago than rotateAfter (${rotateAfter} s)`;
}

function isOld(secret: { createdAt: string }, rotateAfter: number): boolean {
  return rotateAfter > 0 && Date.parse(secret.createdAt) + rotateAfter * 1_000 <= Date.now();
}

async function converge(inputs: Inputs, known: Known<State> | undefined, save: Save<Outputs, Inputs>) {
  const ask = askAs(inputs.connection);
  const before = known?.state;
  const alive = await listClientSecrets(ask, inputs.identityId);
  const made = isCurrent(inputs, before, alive) ? pickOutputs(before) : await mint(ask, inputs, before, alive);
  const { generation, ttl, numUsesLimit } = inputs;
  save(inputs.identityId, made, { generation, ttl, numUsesLimit });
  const outputs = { ...made, retiring: stillGood(made.retiring, inputs) };
  await revokeOursBut(ask, inputs, [outputs.clientSecretId, ...outputs.retiring.map(({ id }) => id)]);
  const left = (await listClientSecrets(ask, inputs.identityId)).filter((secret) => isOurs(secret, inputs));
  if (left.length > MOST_ALIVE) throw refusal(`${left.length} client secrets are alive, and no more than 2 may be.`);
  return { id: inputs.identityId, outputs };
}

/** Whether the secret that the state holds is of this generation, young enough and usable. */
function isCurrent(inputs: Inputs, before: State | undefined, alive: ClientSecretInfo[]): before is State {
  if (before?.clientSecret === undefined || before.clientSecret === "") return false;
  const same = (["generation", "ttl", "numUsesLimit"] as const).every((name) => before[name] === inputs[name]);
  const there = alive.find((secret) => secret.id === before.clientSecretId);
  return same && there !== undefined && isUsable(there) && !isOld(before, inputs.rotateAfter);
}

/**
 * Makes a new one beside the current one; any other of ours goes first, so that never more than two are alive.
 *
 * A client secret is shown once, so one whose answer was lost cannot be found again: it is one of those that go.
 */
async function mint(ask: Ask, inputs: Inputs, before: State | undefined, alive: ClientSecretInfo[]): Promise<Outputs> {
  const { ttl, numUsesLimit, generation, identityId } = inputs;
  const current = before?.identityId === identityId ? alive.find(({ id }) => id === before.clientSecretId) : undefined;
  const wanted = { description: `${mark(inputs)} ${generation}`, ttl, numUsesLimit };
  const made = await findOrCreate(
    async () => {
      await revokeOursBut(ask, inputs, current === undefined ? [] : [current.id]);
      return undefined;
    },
    () => createClientSecret(ask, identityId, wanted),
  );
  const retiring = current === undefined || inputs.grace <= 0 ? [] : [retire(current.id, before?.generation, inputs)];
  return { clientSecret: made.clientSecret, clientSecretId: made.id, createdAt: made.createdAt, retiring };
}

function retire(id: string, generation: number | undefined, { grace }: Inputs): Retiring {
  const seconds = grace + Math.min(grace, PUBLISHED_WITHIN);
  return { id, generation: generation ?? 0, until: new Date(Date.now() + seconds * 1_000).toISOString() };
}

function stillGood(retiring: Retiring[], { revokedThrough }: Inputs): Retiring[] {
  return retiring.filter(({ until, generation }) => Date.parse(until) > Date.now() && generation > revokedThrough);
}

async function revokeOursBut(ask: Ask, inputs: Inputs, keep: string[]): Promise<void> {
  const alive = await listClientSecrets(ask, inputs.identityId);
  const others = alive.filter((secret) => isOurs(secret, inputs) && !keep.includes(secret.id));
  for (const { id } of others) await revokeClientSecret(ask, inputs.identityId, id);
}

function isOurs({ description }: ClientSecretInfo, inputs: Inputs): boolean {
  return description.startsWith(mark(inputs));
}

function mark(inputs: Inputs): string {
  return `${inputs.owner} generation`;
}

async function read(id: string, state: State) {
  const alive = await listClientSecrets(askAs(state.connection), id);
  const current = alive.find((secret) => secret.id === state.clientSecretId);
  const { connection, identityId, generation, revokedThrough, ttl, numUsesLimit, grace, rotateAfter, owner } = state;
  return {
    inputs: { connection, identityId, generation, revokedThrough, ttl, numUsesLimit, grace, rotateAfter, owner },
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
  for (const old of [...state.retiring.map((retired) => retired.id), state.clientSecretId]) {
    await revokeClientSecret(ask, id, old);
  }
}

export interface ClientSecretArgs {
  connection: ConnectionInput;
  identityId: pulumi.Input<string>;
  /** @default 1 */
  generation?: number;
  /** @default 0 */
  revokedThrough?: number;
  /** @default 0 */
  ttl?: number;
  /** @default 0 */
  numUsesLimit?: number;
  /** Seconds; an application with a token of the old secret needs the token's lifetime. */
  grace: number;
  /** Seconds. @default 0 */
  rotateAfter?: number;
  owner: string;
}

/** The client secret of an identity, minted once; another generation is minted beside it and the old one retired. */
export class ClientSecret extends DynamicResource {
  declare readonly clientSecret: pulumi.Output<string>;

  constructor(name: string, args: ClientSecretArgs, opts?: pulumi.CustomResourceOptions) {
    const computed = { clientSecret: undefined, clientSecretId: undefined, createdAt: undefined, retiring: undefined };
    const defaults = { generation: 1, revokedThrough: 0, ttl: 0, numUsesLimit: 0, rotateAfter: 0 };
    const secretOutputs = pulumi.mergeOptions({ additionalSecretOutputs: ["clientSecret"] }, opts);
    super(
      clientSecretProvider,
      name,
      { ...defaults, ...args, ...computed },
      secretOutputs,
      "infisical",
      "ClientSecret",
    );
  }
}
