import type * as pulumi from "@pulumi/pulumi";
import { orNothing, refusal } from "../api/fault";
import { addMembers, listMembers, removeMembers, setMemberRole, type Member } from "../api/members";
import { askAs, type Connection } from "../api/session";
import type { ConnectionInput } from "./connection";
import { defineProvider, type Known, type Save } from "./crud";
import { DynamicResource } from "./dynamic-resource";

interface Inputs {
  connection: Connection;
  projectId: string;
  /** Role by e-mail address. People who are not named are none of its business. */
  members: { [email: string]: string };
}

interface Outputs {
  /** People who were members before this stack named them; they stay when it goes. */
  adopted: string[];
}

type State = Inputs & Outputs;

const projectMembersProvider = defineProvider<Inputs, Outputs>({
  noun: "ProjectMembers",
  title: (inputs) => Object.keys(inputs.members).join(", "),
  revision: 1,
  secrets: ["connection.clientSecret"],
  replaceOn: ["projectId"],
  converge,
  read,
  remove,
});

async function converge(inputs: Inputs, known: Known<State> | undefined, save: Save<Outputs>) {
  const { connection, projectId, members } = inputs;
  const ask = askAs(connection);
  const there = await listMembers(ask, projectId);
  const before = known?.state;
  const adopted = Object.keys(members).filter(
    (email) => isMember(there, email) && (before?.members[email] === undefined || before.adopted.includes(email)),
  );
  save(projectId, { adopted });
  for (const role of new Set(Object.values(members))) {
    const missing = Object.keys(members).filter((email) => members[email] === role && !isMember(there, email));
    if (missing.length > 0) await addMembers(ask, projectId, missing, role);
  }
  const now = await listMembers(ask, projectId);
  const strangers = Object.keys(members).filter((email) => !isMember(now, email));
  if (strangers.length > 0) {
    throw refusal(`not a user of this instance: ${strangers.join(", ")}. They sign up or are invited first.`);
  }
  for (const { email, role, membershipId } of now) {
    const wanted = members[email];
    if (wanted !== undefined && wanted !== role) await setMemberRole(ask, projectId, membershipId, wanted);
  }
  const dropped = Object.keys(before?.members ?? {}).filter(
    (email) => members[email] === undefined && before?.adopted.includes(email) !== true && isMember(now, email),
  );
  if (dropped.length > 0) await removeMembers(ask, projectId, dropped);
  return { id: projectId, outputs: { adopted } };
}

function isMember(members: Member[], email: string): boolean {
  return members.some((member) => member.email === email);
}

async function read(_id: string, state: State) {
  const there = await orNothing(() => listMembers(askAs(state.connection), state.projectId));
  if (there === undefined) return undefined;
  const { connection, projectId, adopted } = state;
  const named = there.filter(({ email }) => state.members[email] !== undefined);
  const members = Object.fromEntries(named.map(({ email, role }) => [email, role]));
  return { inputs: { connection, projectId, members }, outputs: { adopted } };
}

async function remove(_id: string, state: State): Promise<void> {
  const ask = askAs(state.connection);
  const there = (await orNothing(() => listMembers(ask, state.projectId))) ?? [];
  const ours = Object.keys(state.members).filter((email) => !state.adopted.includes(email) && isMember(there, email));
  if (ours.length > 0) await removeMembers(ask, state.projectId, ours);
}

export interface ProjectMembersArgs {
  connection: ConnectionInput;
  projectId: pulumi.Input<string>;
  /** Role (`admin`, `member`, `viewer`, `no-access`) by e-mail address in lower case. */
  members: { [email: string]: string };
}

/** People of the instance who are members of a project. */
export class ProjectMembers extends DynamicResource {
  constructor(name: string, args: ProjectMembersArgs, opts?: pulumi.CustomResourceOptions) {
    super(projectMembersProvider, name, { ...args, adopted: undefined }, opts, "infisical", "ProjectMembers");
  }
}
