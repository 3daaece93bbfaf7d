import type * as pulumi from "@pulumi/pulumi";
import { orNothing } from "../api/fault";
import { findOrCreate } from "../api/find-or-create";
import { askAs, type Connection } from "../api/session";
import { createTag, listTags } from "../api/tags";
import type { ConnectionInput } from "./connection";
import { defineProvider, type Known, type Save } from "./crud";
import { DynamicResource } from "./dynamic-resource";

interface Inputs {
  connection: Connection;
  projectId: string;
  /** Colour by slug. A tag that is there keeps the colour that it has: changing one was never recorded. */
  tags: { [slug: string]: string };
}

type Outputs = Record<never, never>;

const projectTagsProvider = defineProvider<Inputs, Outputs>({
  noun: "ProjectTags",
  title: (inputs) => Object.keys(inputs.tags).join(", "),
  revision: 1,
  secrets: ["connection.clientSecret"],
  replaceOn: ["projectId"],
  converge,
  read,
  // Tags may hang on secrets of others; they go with the project.
  remove: async () => {},
});

async function converge(inputs: Inputs, _known: Known<Inputs> | undefined, save: Save<Outputs>) {
  const ask = askAs(inputs.connection);
  save(inputs.projectId, {});
  const there = await listTags(ask, inputs.projectId);
  for (const [slug, color] of Object.entries(inputs.tags)) {
    if (there.some((tag) => tag.slug === slug)) continue;
    await findOrCreate(
      async () => (await listTags(ask, inputs.projectId)).find((tag) => tag.slug === slug),
      () => createTag(ask, inputs.projectId, { slug, color }),
    );
  }
  return { id: inputs.projectId, outputs: {} };
}

async function read(_id: string, state: Inputs) {
  const there = await orNothing(() => listTags(askAs(state.connection), state.projectId));
  if (there === undefined) return undefined;
  const { connection, projectId } = state;
  const seen = Object.entries(state.tags).filter(([slug]) => there.some((tag) => tag.slug === slug));
  return { inputs: { connection, projectId, tags: Object.fromEntries(seen) }, outputs: {} };
}

export interface ProjectTagsArgs {
  connection: ConnectionInput;
  projectId: pulumi.Input<string>;
  /** Colour by slug. */
  tags: { [slug: string]: string };
}

/** The tags that a project has for its secrets. */
export class ProjectTags extends DynamicResource {
  constructor(name: string, args: ProjectTagsArgs, opts?: pulumi.CustomResourceOptions) {
    super(projectTagsProvider, name, { ...args }, opts, "infisical", "ProjectTags");
  }
}
