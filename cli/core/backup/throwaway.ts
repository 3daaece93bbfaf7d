import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import { messageOf } from "../../../infra/api/fault";
import { claimPort, releasePort } from "../../ephemeral/port";
import { belongingsOf, sweepDocker } from "../belongings";
import { engineOf } from "../engine";
import { LOCAL } from "../places";
import { runningProcess } from "../processes";
import { ensureStack } from "../pulumi";
import { endSandbox, sandboxFolder, sandboxFolderAside } from "../sandbox-process";
import type { Workspace } from "../workspace";
import { writeConfiguration, type Configuration } from "./configuration";

const FOLDER = join(LOCAL, "throwaways");

/**
 * A stack for a short while: a name, a port, a backend and a passphrase of its own, so that neither the user's stacks
 * nor their backend see anything of it. It goes whatever happens, and it is said when anything of it is left.
 *
 * @param purpose begins its name, such as "drill".
 * @param configuration of the stack that it stands for; what would make it reachable or lasting is left out.
 */
export async function inThrowaway<T>(
  source: Workspace,
  purpose: string,
  configuration: Configuration,
  work: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  await sweepAbandoned(source);
  const stack = `${purpose}-${randomBytes(3).toString("hex")}`;
  const workspace = makeWorkspace(source, stack);
  const port = await claimPort();
  writeFileSync(join(FOLDER, stack, "port"), String(port));
  try {
    // A secret of the configuration is locked with the stack's own key.
    await ensureStack(workspace);
    await writeConfiguration(workspace, modest(configuration, port));
    return await work(workspace);
  } finally {
    await remove(workspace);
    releasePort(port);
  }
}

/** Says what is wrong and does not throw it: what the work has shown counts more. */
async function remove(workspace: Workspace): Promise<void> {
  const { stack } = workspace;
  try {
    const engine = await engineOf(workspace);
    await sweep(engine, stack);
    const { containers, volumes, networks, processes, files } = await belongingsOf(workspace, engine);
    const left = [...containers, ...volumes, ...networks, ...processes, ...files];
    if (left.length > 0) console.error(`left of the throwaway stack ${stack}: ${left.join(", ")}`);
  } catch (thrown) {
    const reason = messageOf(thrown);
    console.error(`the throwaway stack ${stack} was not taken down; the next one clears it away. ${reason}`);
  }
}

/** By label and place, and not by a destroy: everything that it has goes with these, also when its server never ran. */
async function sweep(engine: Docker | undefined, stack: string): Promise<void> {
  if (engine !== undefined) await sweepDocker(engine, stack);
  await endSandbox(stack);
  for (const folder of [sandboxFolder(stack), sandboxFolderAside(stack), join(FOLDER, stack)]) {
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeWorkspace(source: Workspace, stack: string): Workspace {
  const folder = join(FOLDER, stack);
  for (const name of ["state", "stacks"]) mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "pid"), String(process.pid));
  writeFileSync(join(folder, "stacks", "Pulumi.yaml"), "name: infisical\nruntime: nodejs\n");
  const { PULUMI_CONFIG_PASSPHRASE_FILE: _, PULUMI_ACCESS_TOKEN: __, ...env } = source.env;
  return {
    ...source,
    stack,
    env: {
      ...env,
      PULUMI_STACK: stack,
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: randomBytes(24).toString("base64url"),
    },
    configFile: join(folder, "stacks", `Pulumi.${stack}.yaml`),
    quietFolder: join(folder, "stacks"),
    ownBackend: undefined,
  };
}

/** What would make a copy reachable, lasting, or talk to others: it has a database of its own, and sends no mail. */
const LEFT_OUT = /^(server|tls|smtp|postgres|redis)\./;
/** What it cannot do without all the same. */
const KEPT = [
  "server.dockerHost",
  "server.licenseKey",
  "server.sandboxProfile",
  "server.readyTimeout",
  "server.profile",
];

function modest(configuration: Configuration, port: number): Configuration {
  const kept = Object.entries(configuration).filter(([key]) => {
    const name = key.replace(/^[^:]*:/, "");
    return !LEFT_OUT.test(name) || KEPT.includes(name);
  });
  return {
    ...Object.fromEntries(kept),
    "infisical:server.port": { value: String(port), secret: false },
  };
}

/** What a killed run left: its passphrase is gone, so its things are found by label and place. */
async function sweepAbandoned(source: Workspace): Promise<void> {
  if (!existsSync(FOLDER)) return;
  for (const stack of readdirSync(FOLDER)) {
    const folder = join(FOLDER, stack);
    if (runningProcess(numberIn(folder, "pid")) !== undefined) continue;
    releasePort(numberIn(folder, "port"));
    await sweep(await engineOf(source), stack);
    console.log(`removed the throwaway stack ${stack} of a run that is gone`);
  }
}

/** What was noted of a throwaway; -1 where nothing was. */
function numberIn(folder: string, name: "pid" | "port"): number {
  try {
    return Number(readFileSync(join(folder, name), "utf8"));
  } catch {
    return -1;
  }
}
