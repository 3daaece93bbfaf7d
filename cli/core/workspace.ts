import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { ownBackend, ownPassphrase } from "../../tools/backend.mjs";
import { PASSPHRASE_FILE, PROVIDER_CACHE, ROOT, STACKS_FOLDER, STATE_FOLDER } from "./places";
import { Failure } from "./failure";
import { targetIn, workingStackFile } from "./stack-file";
import { readTools, standInsOf, type Tools } from "./tools";

/** How the Pulumi CLI is run for one stack. */
export interface Workspace {
  stack: string;
  /** Environment of the CLI: backend, passphrase and plugins. */
  env: NodeJS.ProcessEnv;
  /** Working copy of the stack's file; nothing when the backend is the user's own and the tracked file is used. */
  configFile: string | undefined;
  /** Folder to run commands from that run no program and take no `--config-file`. */
  quietFolder: string;
  /** Plugins in use that are stand-ins. */
  standIns: string[];
  /** What makes the backend the user's own; nothing when it is the project's. */
  ownBackend: string | undefined;
  tools: Tools;
}

/** Where state, passphrase and plugins of a stack are. A user with a backend of their own is left alone. */
export function openWorkspace(stack: string): Workspace {
  const tools = readTools();
  const own = ownBackend(process.env, homedir());
  const configFile = own === undefined ? workingStackFile(stack) : undefined;
  const standIns = mayUseStandIns(configFile ?? join(ROOT, `Pulumi.${stack}.yaml`)) ? standInsOf(tools) : [];
  const path = [...tools.path, ...(standIns.length > 0 ? tools.standInPath : []), process.env.PATH ?? ""];
  const env = {
    ...process.env,
    PULUMI_STACK: stack,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    INFISICAL_PROVIDER_CACHE: PROVIDER_CACHE,
    PATH: path.join(delimiter),
  };
  const common = { stack, configFile, standIns, ownBackend: own, tools };
  if (own !== undefined) return { ...common, env, quietFolder: ROOT };
  const passphrase = ownPassphrase(process.env) === undefined ? { PULUMI_CONFIG_PASSPHRASE_FILE: PASSPHRASE_FILE } : {};
  // Absolute: Pulumi takes relative ones from the current folder.
  const backend = { PULUMI_BACKEND_URL: `file://${STATE_FOLDER}` };
  return { ...common, env: { ...env, ...passphrase, ...backend }, quietFolder: STACKS_FOLDER };
}

/** Stand-ins are for the sandbox and for tests; what runs real containers gets them only when asked for by name. */
function mayUseStandIns(stackFile: string): boolean {
  return process.env.INFISICAL_STANDINS === "1" || targetIn(stackFile) === "sandbox";
}

/** @throws when a plugin that the stack needs is here as a stand-in only, and that does not do. */
export function requireRealParts(workspace: Workspace): void {
  const missing = workspace.standIns.length > 0 ? [] : standInsOf(workspace.tools);
  if (missing.length === 0) return;
  throw new Failure(
    `stack ${workspace.stack} needs Pulumi's own plugins, and these are here as stand-ins only: ${missing.join(", ")}. ` +
      "Install them (`pulumi plugin install resource docker 5.2.0`, `... random 4.21.2`, `... command 1.2.1`; the " +
      "language host comes with the Pulumi CLI), or set INFISICAL_STANDINS=1 to try things out with the stand-ins.",
  );
}
