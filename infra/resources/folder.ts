import * as pulumi from "@pulumi/pulumi";
import { isStatus, refusal } from "../api/fault";
import { findOrCreate } from "../api/find-or-create";
import { createFolder, deleteFolder, findFolder, getFolder, parentOf, updateFolder } from "../api/folders";
import { askAs, type Connection } from "../api/session";
import type { ConnectionInput } from "./connection";
import { defineProvider, type Known, type Save } from "./crud";
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
}

type Outputs = Record<never, never>;

const folderProvider = defineProvider<Inputs, Outputs>({
  noun: "Folder",
  title: (inputs) => `${inputs.environment}:${pathOf(inputs)}`,
  revision: 1,
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

async function converge(inputs: Inputs, known: Known<Inputs> | undefined, save: Save<Outputs>) {
  const ask = askAs(inputs.connection);
  const path = pathOf(inputs);
  const folder =
    known === undefined
      ? await findOrCreate(
          () => findFolder(ask, placeOf(inputs), path),
          () => createFolder(ask, placeOf(inputs), path, inputs.description),
        )
      : await getFolder(ask, known.id);
  if (folder === undefined) throw gone();
  save(folder.id, {});
  if (folder.path !== path || folder.description !== inputs.description) {
    await updateFolder(ask, placeOf(inputs), folder.id, { path, description: inputs.description });
  }
  return { id: folder.id, outputs: {} };
}

async function read(id: string, state: Inputs) {
  const folder = await getFolder(askAs(state.connection), id);
  if (folder === undefined) return undefined;
  const { connection, projectId, environment } = state;
  const { parent, name } = parentOf(folder.path);
  return {
    inputs: { connection, projectId, environment, parent, name, description: folder.description },
    outputs: {},
  };
}

async function remove(id: string, state: Inputs): Promise<void> {
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
}

/** A folder of one environment. */
export class Folder extends pulumi.dynamic.Resource {
  constructor(name: string, { path, ...args }: FolderArgs, opts?: pulumi.CustomResourceOptions) {
    super(folderProvider, name, { description: "", ...args, ...parentOf(path) }, opts, "infisical", "Folder");
  }
}
