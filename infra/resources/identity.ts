import type * as pulumi from "@pulumi/pulumi";
import { refusal } from "../api/fault";
import { findOrCreate } from "../api/find-or-create";
import type { Ask } from "../api/http";
import {
  createIdentity,
  deleteIdentity,
  findIdentities,
  getIdentity,
  updateIdentity,
  type Identity as Found,
} from "../api/identities";
import { askAs, type Connection } from "../api/session";
import {
  attachUniversalAuth,
  getUniversalAuth,
  updateUniversalAuth,
  type UniversalAuth,
  type UniversalAuthSettings,
} from "../api/universal-auth";
import type { Adoption, ConnectionInput, Deletion } from "./connection";
import { canonical, defineProvider, type Known, type Save } from "./crud";
import { DynamicResource } from "./dynamic-resource";
import { tellFinding } from "./finding";
import { gone } from "./gone";

interface Inputs {
  connection: Connection;
  organizationId: string;
  name: string;
  /** Role in the organization: `no-access`; what an application may do is granted per project. */
  role: string;
  universalAuth: UniversalAuthSettings | Record<never, never>;
  owner: string;
  adoption: Adoption;
  deletion: Deletion | "keepAdopted";
}

interface Outputs {
  clientId: string;
  adopted: boolean;
}

type State = Inputs & Outputs;

/** What an application may do is granted per project. */
const NO_ROLE = "no-access";

const identityProvider = defineProvider<Inputs, Outputs>({
  noun: "Identity",
  title: (inputs) => `"${inputs.name}"`,
  revision: 1,
  secrets: ["connection.clientSecret"],
  replaceOn: ["organizationId"],
  converge,
  read,
  remove,
});

async function converge(inputs: Inputs, known: Known<State> | undefined, save: Save<Outputs>) {
  const ask = askAs(inputs.connection);
  const { identity, adopted } = known === undefined ? await findOrMake(ask, inputs) : await again(ask, known);
  save(identity.id, { clientId: known?.state.clientId ?? "", adopted });
  if (identity.name !== inputs.name || identity.role !== inputs.role || identity.owner !== inputs.owner) {
    await updateIdentity(ask, identity, inputs);
  }
  const wanted = inputs.universalAuth as UniversalAuthSettings;
  const auth = await findOrCreate(
    () => getUniversalAuth(ask, identity.id),
    () => attachUniversalAuth(ask, identity.id, wanted),
  );
  if (canonical(settingsOf(auth)) !== canonical(wanted)) await updateUniversalAuth(ask, identity.id, wanted);
  return { id: identity.id, outputs: { clientId: auth.clientId, adopted } };
}

async function findOrMake(ask: Ask, inputs: Inputs): Promise<{ identity: Found; adopted: boolean }> {
  const identity = await findOrCreate(
    async () => choose(await findIdentities(ask, inputs.name), inputs),
    async () => {
      if (inputs.adoption === "adopt") throw refusal("there is no identity of this name to adopt.");
      return createIdentity(ask, inputs.organizationId, inputs);
    },
  );
  return { identity, adopted: identity.owner !== inputs.owner };
}

/**
 * Names are not unique. Our own is known by its mark; one that nobody marked may be adopted when it is the only one;
 * those of other stacks are left alone; a choice between several is never made by chance.
 */
function choose(candidates: Found[], inputs: Inputs): Found | undefined {
  const ours = candidates.filter(({ owner }) => owner === inputs.owner);
  const free = candidates.filter(({ owner }) => owner === undefined);
  const eligible = ours.length > 0 ? ours : free;
  if (eligible.length > 1) {
    throw refusal(
      `there are ${eligible.length} identities of this name (${eligible.map(({ id }) => id).join(", ")}). ` +
        "Rename or delete those that are not meant.",
    );
  }
  if (ours.length === 0 && free.length === 1 && inputs.adoption === "create") {
    throw refusal("an identity of this name is there already; adopt it, or choose another name.");
  }
  return eligible[0];
}

async function again(ask: Ask, known: Known<State>): Promise<{ identity: Found; adopted: boolean }> {
  const identity = await getIdentity(ask, known.id);
  if (identity === undefined) throw gone();
  return { identity, adopted: known.state.adopted };
}

async function read(id: string, state: State) {
  const ask = askAs(state.connection);
  const identity = await getIdentity(ask, id);
  if (identity === undefined) return undefined;
  if (identity.role !== NO_ROLE)
    tellFinding(`identity "${identity.name}" has the role "${identity.role}" in the organization`);
  const auth = await getUniversalAuth(ask, id);
  const { connection, organizationId, owner, adoption, deletion, clientId, adopted } = state;
  return {
    inputs: {
      connection,
      organizationId,
      owner,
      adoption,
      deletion,
      name: identity.name,
      role: identity.role,
      universalAuth: auth === undefined ? {} : settingsOf(auth),
    },
    outputs: { clientId: auth?.clientId ?? clientId, adopted },
  };
}

function settingsOf({ clientId: _, ...settings }: UniversalAuth): UniversalAuthSettings {
  return settings;
}

async function remove(id: string, state: State): Promise<void> {
  const keep = state.deletion === "keep" || (state.deletion === "keepAdopted" && state.adopted);
  if (!keep) await deleteIdentity(askAs(state.connection), id);
}

export interface IdentityArgs {
  connection: ConnectionInput;
  organizationId: pulumi.Input<string>;
  name: string;
  universalAuth: UniversalAuthSettings;
  owner: string;
  /** @default "createOrAdopt" */
  adoption?: Adoption;
  /** @default "keepAdopted": what was there before stays when the stack goes */
  deletion?: Deletion | "keepAdopted";
}

/** A machine identity that logs in by Universal Auth. It may do nothing until it is granted access to a project. */
export class Identity extends DynamicResource {
  declare readonly clientId: pulumi.Output<string>;

  constructor(name: string, args: IdentityArgs, opts?: pulumi.CustomResourceOptions) {
    const defaults = { adoption: "createOrAdopt", deletion: "keepAdopted", role: NO_ROLE };
    const inputs = { ...defaults, ...args, clientId: undefined, adopted: undefined };
    super(identityProvider, name, inputs, opts, "infisical", "Identity");
  }
}
