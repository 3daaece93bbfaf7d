import { homedir } from "node:os";
import { delimiter } from "node:path";
import { ownBackend, ownPassphrase } from "../../tools/backend.mjs";
import { PASSPHRASE_FILE, ROOT, STACKS_FOLDER, STATE_FOLDER } from "./places";
import { workingStackFile } from "./stack-file";
import { readTools, type Tools } from "./tools";

/** How the Pulumi CLI is run for one stack. */
export interface Workspace {
  stack: string;
  /** Environment of the CLI: backend, passphrase and plugins. */
  env: NodeJS.ProcessEnv;
  /** Working copy of the stack's file; nothing when the backend is the user's own and the tracked file is used. */
  configFile: string | undefined;
  /** Folder to run commands from that run no program and take no `--config-file`. */
  quietFolder: string;
  /** What makes the backend the user's own; nothing when it is the project's. */
  ownBackend: string | undefined;
  tools: Tools;
}

/** Where state, passphrase and plugins of a stack are. A user with a backend of their own is left alone. */
export function openWorkspace(stack: string): Workspace {
  const tools = readTools();
  const own = ownBackend(process.env, homedir());
  const env = { ...process.env, PULUMI_STACK: stack, PULUMI_SKIP_UPDATE_CHECK: "true", PATH: pathWith(tools) };
  if (own !== undefined) {
    return { stack, env, configFile: undefined, quietFolder: ROOT, ownBackend: own, tools };
  }
  const passphrase = ownPassphrase(process.env) === undefined ? { PULUMI_CONFIG_PASSPHRASE_FILE: PASSPHRASE_FILE } : {};
  return {
    stack,
    // Absolute: Pulumi takes relative ones from the current folder.
    env: { ...env, ...passphrase, PULUMI_BACKEND_URL: `file://${STATE_FOLDER}` },
    configFile: workingStackFile(stack),
    quietFolder: STACKS_FOLDER,
    ownBackend: undefined,
    tools,
  };
}

function pathWith(tools: Tools): string {
  return [...tools.path, ...tools.standInPath, process.env.PATH ?? ""].join(delimiter);
}
