import { answersAt } from "./answers";
import { likelyCause, serverAddressIn } from "./diagnosis";
import { Failure } from "./failure";
import { mend } from "./mend";
import type { Phases } from "./phases";
import { ensureStack, notFinished, runPulumi } from "./pulumi";
import type { StackResource } from "./state";
import { requireRealParts, type Workspace } from "./workspace";

/**
 * A plain `pulumi up` does not see a container that somebody removed, and one with `--refresh` fails while the server
 * is away. So: what serves the API first, then everything else with a refresh. What a killed run left is cleared away before.
 * @param phases is told what is done now.
 */
export async function bringUp(workspace: Workspace, phases?: Phases): Promise<void> {
  requireRealParts(workspace);
  tellParts(workspace);
  phases?.begin("looking for what an earlier run left");
  await ensureStack(workspace);
  const { resources } = (await mend(workspace)).state;
  phases?.begin(resources.length === 0 ? "making everything" : "making what is missing, putting right what differs");
  if (resources.length === 0) return update(workspace, []);
  if (!resources.some(livesInServer) || (await answers(resources))) return update(workspace, ["--refresh"]);
  phases?.begin("the server does not answer: bringing back what it runs on");
  const serving = resources.filter(serves).flatMap(({ urn }) => ["--target", urn]);
  if (serving.length > 0) {
    await run(workspace, ["refresh", "--yes", "--skip-preview", ...serving]);
  }
  await update(workspace, []);
  phases?.begin("the server answers: putting right what differs in it");
  await update(workspace, ["--refresh"]);
}

/** Resources that the API runs on, and not in. */
function serves({ type }: StackResource): boolean {
  return type.startsWith("docker:") || type.endsWith("infisical:SandboxServer");
}

/** Resources that only a server that answers can tell about. */
function livesInServer({ type }: StackResource): boolean {
  return type.startsWith("pulumi-nodejs:dynamic/infisical:") && !type.endsWith(":SandboxServer");
}

/** Whether the server answers at the address that the state has of it. */
async function answers(resources: StackResource[]): Promise<boolean> {
  const url = serverAddressIn(resources);
  return url !== undefined && (await answersAt(url));
}

async function update(workspace: Workspace, options: string[]): Promise<void> {
  await run(workspace, ["up", "--yes", "--skip-preview", ...options]);
}

async function run(workspace: Workspace, args: string[]): Promise<void> {
  const code = await runPulumi(workspace, args);
  if (code === 0) return;
  const cause = await likelyCause(workspace);
  const words = notFinished(workspace, args[0] ?? "", code);
  throw new Failure(cause === undefined ? words : `${words}\n${cause}`, code);
}

/** Says which parts are not the real ones. */
function tellParts(workspace: Workspace): void {
  const { standIns } = workspace;
  if (standIns.length > 0)
    console.log(`stand-ins in use, not Pulumi's own: ${standIns.join(", ")} (docs/stand-ins.md)`);
  if (workspace.ownBackend !== undefined) console.log(`backend: your own (${workspace.ownBackend})`);
}
