import type * as pulumi from "@pulumi/pulumi";
import {
  addMember,
  createPrivilege,
  deletePrivilege,
  getMemberRoles,
  listPrivileges,
  removeMember,
  setMemberRole,
  updatePrivilege,
  type Permission,
  type Privilege,
} from "../api/access";
import { isRouteMissing, isStatus, refusal, type Fault } from "../api/fault";
import { findOrCreate } from "../api/find-or-create";
import type { Ask } from "../api/http";
import { askAs, type Connection } from "../api/session";
import type { ConnectionInput } from "./connection";
import { canonical, defineProvider, type Known, type Save } from "./crud";
import { tellFinding } from "./finding";
import { DynamicResource } from "./dynamic-resource";

type WantedPrivilege = Omit<Privilege, "id">;

interface Inputs {
  connection: Connection;
  projectId: string;
  identityId: string;
  /** Roles in the project: `no-access` alone, so that only the privileges allow anything. */
  roles: string[];
  /** All privileges that the identity has in the project; any other is taken back. */
  privileges: WantedPrivilege[];
  /** Why privileges for a whole environment are meant; for those who review, the server does not know it. */
  acknowledge?: string[];
}

interface Outputs {
  /** What was granted last: after a refresh the inputs are what the server has. */
  granted: WantedPrivilege[];
  /** What the last look found wider than wanted, in words; a security finding. */
  findings: string[];
}

type State = Inputs & Outputs;

/** Allows nothing by itself. */
const NO_ROLE = "no-access";

const projectAccessProvider = defineProvider<Inputs, Outputs>({
  noun: "ProjectAccess",
  title: (inputs) => `of identity ${inputs.identityId}`,
  revision: 1,
  secrets: ["connection.clientSecret"],
  replaceOn: ["projectId", "identityId"],
  converge,
  read,
  remove,
});

async function converge(inputs: Inputs, _known: Known<State> | undefined, save: Save<Outputs>) {
  const ask = askAs(inputs.connection);
  const id = `${inputs.projectId}/${inputs.identityId}`;
  const role = inputs.roles[0] ?? NO_ROLE;
  const roles = await findOrCreate(
    () => getMemberRoles(ask, inputs),
    async () => {
      await addMember(ask, inputs, role);
      return [role];
    },
  );
  const outputs = { granted: inputs.privileges, findings: [] };
  save(id, outputs);
  if (canonical(roles) !== canonical([role])) await setMemberRole(ask, inputs, role);
  await convergePrivileges(ask, inputs);
  return { id, outputs };
}

/** Takes back first, grants next: at no time is more allowed than before or after. */
async function convergePrivileges(ask: Ask, inputs: Inputs): Promise<void> {
  const there = await listPrivileges(ask, inputs);
  const wanted = (slug: string): WantedPrivilege | undefined => inputs.privileges.find((one) => one.slug === slug);
  for (const extra of there.filter(({ slug }) => wanted(slug) === undefined)) await deletePrivilege(ask, extra.id);
  for (const privilege of inputs.privileges) {
    const find = async (): Promise<Privilege | undefined> =>
      (await listPrivileges(ask, inputs)).find(({ slug }) => slug === privilege.slug);
    const found = await findOrCreate(find, () => grant(ask, inputs, privilege));
    if (!isSame(found, privilege)) await updatePrivilege(ask, { ...privilege, id: found.id });
  }
}

/** Where a server does not give such privileges, nothing wider takes their place. */
async function grant(ask: Ask, inputs: Inputs, privilege: WantedPrivilege): Promise<Privilege> {
  try {
    return await createPrivilege(ask, inputs, privilege);
  } catch (thrown) {
    if (!isRouteMissing(thrown) && !isSwitchedOff(thrown)) throw thrown;
    throw refusal(
      `this server gives no additional privileges (${thrown.detail}), and only they can be as narrow as the blueprint's ` +
        "grants. A role of the project would be wider, so the identity gets nothing. Switch them on, use a version that " +
        "has them (v0.159.22 does), or a licensed server with a custom role made there.",
    );
  }
}

/** A licence's or a setting's way of saying no; not recorded, since the free server of the recordings gives them. */
function isSwitchedOff(thrown: unknown): thrown is Fault {
  const refused = isStatus(thrown, 400) || isStatus(thrown, 403);
  return refused && /plan restriction|upgrade|not (enabled|supported|available)|disabled/i.test(thrown.detail);
}

async function read(_id: string, state: State) {
  const ask = askAs(state.connection);
  const { connection, projectId, identityId, acknowledge } = state;
  const roles = await getMemberRoles(ask, state);
  if (roles === undefined) return undefined;
  const there = await listPrivileges(ask, state);
  const granted = state.granted ?? state.privileges;
  const seen = there.map((privilege) => asWanted(privilege, state.privileges));
  // In the order of the state; what is not known there comes after it.
  const place = ({ slug }: WantedPrivilege): number => {
    const index = state.privileges.findIndex((privilege) => privilege.slug === slug);
    return index === -1 ? state.privileges.length : index;
  };
  const privileges = seen.sort((a, b) => place(a) - place(b));
  const findings = findingsOf(granted, roles, privileges);
  for (const finding of findings) tellFinding(`identity ${identityId} ${finding} (project ${projectId})`);
  const reasons = acknowledge === undefined ? {} : { acknowledge };
  return {
    inputs: { connection, projectId, identityId, roles, privileges, ...reasons },
    outputs: { granted, findings },
  };
}

/** A privilege that the server merely writes in another order is no difference. */
function asWanted({ id: _, ...seen }: Privilege, known: WantedPrivilege[]): WantedPrivilege {
  const before = known.find(({ slug }) => slug === seen.slug);
  return before !== undefined && isSame(seen, before) ? before : seen;
}

function isSame(a: WantedPrivilege, b: WantedPrivilege): boolean {
  // The server counts an end from the moment of the grant, in whole seconds.
  const SLACK = 5_000;
  const end = ({ endsAt }: WantedPrivilege): number => (endsAt === undefined ? Infinity : Date.parse(endsAt));
  const sameEnd = end(a) === end(b) || Math.abs(end(a) - end(b)) <= SLACK;
  return sameEnd && ruleSet(a.permissions) === ruleSet(b.permissions);
}

function ruleSet(permissions: Permission[]): string {
  return canonical(permissions.map((rule) => canonical({ ...rule, action: [...rule.action].sort() })).sort());
}

/** What is allowed beyond what was granted, named one by one. */
function findingsOf(granted: WantedPrivilege[], roles: string[], seen: WantedPrivilege[]): string[] {
  const wider = roles.filter((role) => role !== NO_ROLE).map((role) => `has the role "${role}"`);
  for (const privilege of seen) {
    const known = granted.find(({ slug }) => slug === privilege.slug);
    if (known === undefined) wider.push(`has the privilege "${privilege.slug}", which this stack did not grant`);
    else if (!isSame(known, privilege))
      wider.push(`has the privilege "${privilege.slug}" in another form than granted`);
  }
  return wider;
}

async function remove(_id: string, state: State): Promise<void> {
  await removeMember(askAs(state.connection), state);
}

export interface ProjectAccessArgs {
  connection: ConnectionInput;
  projectId: pulumi.Input<string>;
  identityId: pulumi.Input<string>;
  privileges: WantedPrivilege[];
  /** Why privileges for a whole environment are meant. */
  acknowledge?: string[];
}

/** What one identity may do in one project: exactly its privileges. Anything that others add is found and taken back. */
export class ProjectAccess extends DynamicResource {
  constructor(name: string, args: ProjectAccessArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      projectAccessProvider,
      name,
      { roles: [NO_ROLE], ...args, granted: undefined, findings: undefined },
      opts,
      "infisical",
      "ProjectAccess",
    );
  }
}
