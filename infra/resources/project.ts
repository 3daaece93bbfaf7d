import type * as pulumi from "@pulumi/pulumi";
import { isEmptyProject } from "../api/emptiness";
import { isStatus, refusal } from "../api/fault";
import { findOrCreate } from "../api/find-or-create";
import type { Ask } from "../api/http";
import {
  addProjectAdmins,
  createEnvironment,
  createProject,
  deleteEnvironment,
  deleteProject,
  findProject,
  getProject,
  projectMemberEmails,
  renameEnvironment,
  updateProject,
  type Project as Found,
} from "../api/projects";
import { askAs, type Connection } from "../api/session";
import { untilAllowed } from "../api/until-allowed";
import type { Adoption, ConnectionInput, Deletion } from "./connection";
import { defineProvider, type Known, type Save } from "./crud";
import { DynamicResource } from "./dynamic-resource";
import { gone } from "./gone";

interface EnvironmentInput {
  slug: string;
  name: string;
}

interface Inputs {
  connection: Connection;
  slug: string;
  name: string;
  description: string;
  environments: EnvironmentInput[];
  /** E-mail addresses of people who administer the project. A project that an identity makes has no human in it. */
  admins: string[];
  adoption: Adoption;
  deletion: Deletion | "keepAdopted";
}

interface Outputs {
  /** It was there before this stack. */
  adopted: boolean;
}

type State = Inputs & Outputs;

const projectProvider = defineProvider<Inputs, Outputs>({
  noun: "Project",
  title: (inputs) => `"${inputs.slug}"`,
  revision: 1,
  secrets: ["connection.clientSecret"],
  replaceOn: [],
  converge,
  read,
  remove,
});

async function converge(inputs: Inputs, known: Known<State> | undefined, save: Save<Outputs>) {
  const ask = askAs(inputs.connection);
  const { project, adopted } = known === undefined ? await findOrMake(ask, inputs) : await again(ask, known);
  save(project.id, { adopted });
  if (project.slug !== inputs.slug || project.name !== inputs.name || project.description !== inputs.description) {
    const { slug, name, description } = inputs;
    await updateProject(ask, project.id, { slug, name, description });
  }
  await convergeEnvironments(ask, project, inputs.environments, known?.state.environments ?? []);
  await convergeAdmins(ask, project.id, inputs.admins);
  return { id: project.id, outputs: { adopted } };
}

async function findOrMake(ask: Ask, inputs: Inputs): Promise<{ project: Found; adopted: boolean }> {
  let isOurs = false;
  const project = await findOrCreate(
    async () => {
      const found = await findVisible(ask, inputs);
      // An empty one is as good as a new one: a run that was killed may have made it, and nothing can be lost in it.
      isOurs ||= found !== undefined && (await isEmptyProject(ask, found));
      if (found !== undefined && !isOurs && inputs.adoption === "create") {
        throw refusal(`a project with this slug is there already; adopt it, or choose another slug.`);
      }
      return found;
    },
    async () => {
      if (inputs.adoption === "adopt") throw refusal("there is no project with this slug to adopt.");
      isOurs = true;
      return createProject(ask, inputs);
    },
  );
  return { project, adopted: !isOurs };
}

/**
 * A slug that is taken by a project which the automation identity may not see is told apart from a free one; whoever has
 * just made it an administrator there has to wait until the server knows, and so do we.
 */
async function findVisible(ask: Ask, inputs: Inputs): Promise<Found | undefined> {
  try {
    return await untilAllowed(() => findProject(ask, inputs.slug));
  } catch (thrown) {
    if (!isStatus(thrown, 403)) throw thrown;
    throw refusal(
      "a project with this slug exists, and the identity that this stack works as is not a member of it. " +
        "Make it an administrator there (project, access control, machine identities), or choose another slug.",
    );
  }
}

async function again(ask: Ask, known: Known<State>): Promise<{ project: Found; adopted: boolean }> {
  const project = await getProject(ask, known.id);
  if (project === undefined) throw gone();
  return { project, adopted: known.state.adopted };
}

/** Makes and renames what is wanted, and deletes what this stack made and no longer wants; others stay. */
async function convergeEnvironments(
  ask: Ask,
  project: Found,
  wanted: EnvironmentInput[],
  before: EnvironmentInput[],
): Promise<void> {
  for (const [index, { slug, name }] of wanted.entries()) {
    const environment = await findOrCreate(
      async () => (await getProject(ask, project.id))?.environments.find((there) => there.slug === slug),
      () => createEnvironment(ask, project.id, { slug, name, position: index + 1 }),
    );
    if (environment.name !== name) await renameEnvironment(ask, project.id, environment.id, name);
  }
  const dropped = before.filter((old) => !wanted.some(({ slug }) => slug === old.slug));
  for (const { slug } of dropped) {
    const there = project.environments.find((environment) => environment.slug === slug);
    if (there !== undefined) await deleteEnvironment(ask, project.id, there.id);
  }
}

async function convergeAdmins(ask: Ask, projectId: string, admins: string[]): Promise<void> {
  if (admins.length === 0) return;
  const members = await projectMemberEmails(ask, projectId);
  const missing = admins.filter((email) => !members.includes(email));
  if (missing.length > 0) await addProjectAdmins(ask, projectId, missing);
}

async function read(id: string, state: State) {
  const ask = askAs(state.connection);
  const project = await getProject(ask, id);
  if (project === undefined) return undefined;
  const members = state.admins.length === 0 ? [] : await projectMemberEmails(ask, id);
  const { connection, adoption, deletion, adopted } = state;
  return {
    inputs: {
      connection,
      adoption,
      deletion,
      slug: project.slug,
      name: project.name,
      description: project.description,
      environments: environmentsSeen(project, state.environments),
      admins: state.admins.filter((email) => members.includes(email)),
    },
    outputs: { adopted },
  };
}

/** Those that this stack manages, as they are now; environments that others added are none of its business. */
function environmentsSeen(project: Found, managed: EnvironmentInput[]): EnvironmentInput[] {
  return managed.flatMap(({ slug }) => {
    const there = project.environments.find((environment) => environment.slug === slug);
    return there === undefined ? [] : [{ slug, name: there.name }];
  });
}

async function remove(id: string, state: State): Promise<void> {
  const keep = state.deletion === "keep" || (state.deletion === "keepAdopted" && state.adopted);
  if (!keep) await deleteProject(askAs(state.connection), id);
}

export interface ProjectArgs {
  connection: ConnectionInput;
  /** 5 to 36 characters of a-z, 0-9 and -; unique in the organization. */
  slug: string;
  name: string;
  description: string;
  environments: EnvironmentInput[];
  /** E-mail addresses; each must belong to a user of the instance. */
  admins: string[];
  /** @default "createOrAdopt" */
  adoption?: Adoption;
  /** @default "keepAdopted": what was there before stays when the stack goes */
  deletion?: Deletion | "keepAdopted";
}

/** A project with its environments and the people who administer it. */
export class Project extends DynamicResource {
  /** It was there before this stack, with something in it. */
  declare readonly adopted: pulumi.Output<boolean>;

  constructor(name: string, args: ProjectArgs, opts?: pulumi.CustomResourceOptions) {
    const inputs = { adoption: "createOrAdopt", deletion: "keepAdopted", ...args, adopted: undefined };
    super(projectProvider, name, inputs, opts, "infisical", "Project");
  }
}
