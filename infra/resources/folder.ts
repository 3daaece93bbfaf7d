import type * as pulumi from "@pulumi/pulumi";
import { isEmptyFolder } from "../api/emptiness";
import { isStatus, refusal } from "../api/fault";
import { findOrCreate } from "../api/find-or-create";
import type { Ask } from "../api/http";
import { createFolder, deleteFolder, findFolder, getFolder, parentOf, updateFolder } from "../api/folders";
import { askAs, type Connection } from "../api/session";
import type { ConnectionInput, Deletion } from "./connection";
import { defineProvider, type Known, type Save } from "./crud";
import { DynamicResource } from "./dynamic-resource";
import { gone } from "./gone";

interface Inputs {
  connection: Connection;
  projectId: string;
  /** Slug of the environment. */
  environment: string;
  /** Absolute path of its parent. */
  parent: string;
  name: string;
  description: string;
  /** The project was made by this stack. */
  ownProject: boolean;
  deletion: Deletion | "keepAdopted";
}

interface Outputs {
  /** It was there before this stack, with something in it. */
  adopted: boolean;
}

type State = Inputs & Outputs;

const folderProvider = defineProvider<Inputs, Outputs>({
  noun: "Folder",
  title: (inputs) => `${inputs.environment}:${pathOf(inputs)}`,
  revision: 3,
  secrets: ["connection.clientSecret"],
  // Another name is a rename, which keeps the secrets in it; the server cannot move a folder.
  replaceOn: ["projectId", "environment", "parent"],
  converge,
  read,
  remove,
});

function pathOf(inputs: Inputs): string {
  return `${inputs.parent === "/" ? "" : inputs.parent}/${inputs.name}`;
}

async function converge(inputs: Inputs, known: Known<State> | undefined, save: Save<Outputs>) {
  const ask = askAs(inputs.connection);
  const path = pathOf(inputs);
  let adopted = known?.state.adopted ?? true;
  const folder =
    known === undefined
      ? await findOrCreate(
          async () => {
            const found = await findFolder(ask, placeOf(inputs), path);
            // An empty one in a project of our own is as good as a new one: a run that was killed may have made it.
            if (found !== undefined && inputs.ownProject && adopted) adopted = !(await isEmpty(ask, inputs));
            return found;
          },
          () => {
            adopted = false;
            return createFolder(ask, placeOf(inputs), path, inputs.description);
          },
        )
      : await getFolder(ask, known.id);
  if (folder === undefined) throw gone();
  save(folder.id, { adopted });
  if (folder.path !== path || folder.description !== inputs.description) {
    await updateFolder(ask, placeOf(inputs), folder.id, { path, description: inputs.description });
  }
  return { id: folder.id, outputs: { adopted } };
}

function isEmpty(ask: Ask, inputs: Inputs): Promise<boolean> {
  return isEmptyFolder(ask, inputs.projectId, inputs.environment, pathOf(inputs));
}

async function read(id: string, state: State) {
  const folder = await getFolder(askAs(state.connection), id);
  if (folder === undefined) return undefined;
  const { connection, projectId, environment, ownProject, deletion, adopted } = state;
  const { parent, name } = parentOf(folder.path);
  return {
    inputs: { connection, projectId, environment, ownProject, deletion, parent, name, description: folder.description },
    outputs: { adopted },
  };
}

async function remove(id: string, state: State): Promise<void> {
  if (state.deletion === "keep" || (state.deletion === "keepAdopted" && state.adopted)) return;
  try {
    await deleteFolder(askAs(state.connection), placeOf(state), { id, path: pathOf(state) });
  } catch (thrown) {
    if (!isStatus(thrown, 400)) throw thrown;
    throw refusal(
      `something that this stack did not make is still in it (${thrown.detail}) Move or delete that first; ` +
        "to let the folder stay, take it out of the state: `pulumi state delete <urn>`.",
    );
  }
}

function placeOf(inputs: Inputs): { projectId: string; environment: string } {
  return { projectId: inputs.projectId, environment: inputs.environment };
}

export interface FolderArgs {
  connection: ConnectionInput;
  projectId: pulumi.Input<string>;
  environment: string;
  /** Absolute, such as `/openai-rag`; parents that are missing are made by the server. */
  path: string;
  /** @default "" */
  description?: string;
  /** Whether this stack made the project. @default false */
  ownProject?: pulumi.Input<boolean>;
  /** @default "keepAdopted": what was there before stays when the stack goes */
  deletion?: Deletion | "keepAdopted";
}

/** A folder of one environment. */
export class Folder extends DynamicResource {
  /** It was there before this stack, with something in it. */
  declare readonly adopted: pulumi.Output<boolean>;

  constructor(name: string, { path, ...args }: FolderArgs, opts?: pulumi.CustomResourceOptions) {
    const inputs = {
      description: "",
      ownProject: false,
      deletion: "keepAdopted",
      ...args,
      ...parentOf(path),
      adopted: undefined,
    };
    super(folderProvider, name, inputs, opts, "infisical", "Folder");
  }
}
