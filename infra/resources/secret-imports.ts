import type * as pulumi from "@pulumi/pulumi";
import { refusal } from "../api/fault";
import { addImport, listImports, removeImport, type SecretImport } from "../api/imports";
import type { SecretsPlace } from "../api/secrets";
import { askAs, type Connection } from "../api/session";
import type { ConnectionInput } from "./connection";
import { defineProvider, type Known, type Save } from "./crud";
import { DynamicResource } from "./dynamic-resource";

interface ImportedFolder {
  environment: string;
  path: string;
}

interface Inputs {
  connection: Connection;
  projectId: string;
  environment: string;
  path: string;
  /** All imports of the folder in their order: the last one wins, so others among them would change what is read. */
  imports: ImportedFolder[];
}

interface Outputs {
  /** Imports that were there before this stack; they stay when it goes. */
  adopted: ImportedFolder[];
}

type State = Inputs & Outputs;

const secretImportsProvider = defineProvider<Inputs, Outputs>({
  noun: "SecretImports",
  title: (inputs) => `of ${inputs.environment}:${inputs.path}`,
  revision: 1,
  secrets: ["connection.clientSecret"],
  replaceOn: ["projectId", "environment", "path"],
  converge,
  read,
  remove,
});

async function converge(inputs: Inputs, known: Known<State> | undefined, save: Save<Outputs>) {
  const ask = askAs(inputs.connection);
  const id = `${inputs.projectId}/${inputs.environment}${inputs.path}`;
  const there = await listImports(ask, placeOf(inputs));
  if (there === undefined) {
    throw refusal("the folder is not there. Run `pulumi refresh`, then `pulumi up`; `npm run up` does both.");
  }
  const adopted = known?.state.adopted ?? there.map(({ environment, path }) => ({ environment, path }));
  save(id, { adopted });
  // The server neither moves an import nor notices one that it has already: from the first that differs, all are made anew.
  const same = there.findIndex((seen, index) => !isSame(seen, inputs.imports[index]));
  const stays = same === -1 ? there.length : same;
  for (const wrong of there.slice(stays)) await removeImport(ask, placeOf(inputs), wrong.id);
  for (const wanted of inputs.imports.slice(stays)) await addImport(ask, placeOf(inputs), wanted);
  return { id, outputs: { adopted } };
}

function isSame(seen: ImportedFolder, wanted: ImportedFolder | undefined): boolean {
  return seen.environment === wanted?.environment && seen.path === wanted.path;
}

async function read(_id: string, state: State) {
  const there = await listImports(askAs(state.connection), placeOf(state));
  if (there === undefined) return undefined;
  const { connection, projectId, environment, path, adopted } = state;
  const imports = there.map((seen) => ({ environment: seen.environment, path: seen.path }));
  return { inputs: { connection, projectId, environment, path, imports }, outputs: { adopted } };
}

async function remove(_id: string, state: State): Promise<void> {
  const ask = askAs(state.connection);
  const there = (await listImports(ask, placeOf(state))) ?? [];
  const ours = (seen: SecretImport): boolean =>
    state.imports.some((one) => isSame(one, seen)) && !state.adopted.some((one) => isSame(one, seen));
  for (const { id } of there.filter(ours)) await removeImport(ask, placeOf(state), id);
}

function placeOf({ projectId, environment, path }: Inputs): SecretsPlace {
  return { projectId, environment, secretPath: path };
}

export interface SecretImportsArgs {
  connection: ConnectionInput;
  projectId: pulumi.Input<string>;
  environment: string;
  path: string;
  imports: ImportedFolder[];
}

/** The folders whose secrets show in a folder, too. */
export class SecretImports extends DynamicResource {
  constructor(name: string, args: SecretImportsArgs, opts?: pulumi.CustomResourceOptions) {
    super(secretImportsProvider, name, { ...args, adopted: undefined }, opts, "infisical", "SecretImports");
  }
}
