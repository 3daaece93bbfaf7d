import { answersAt } from "../core/answers";
import { likelyCause, serverAddressIn } from "../core/diagnosis";
import { Failure } from "../core/failure";
import { mend } from "../core/mend";
import type { Phases } from "../core/phases";
import { askPulumi, ensureStack, notFinished, runPulumi } from "../core/pulumi";
import { publishCredentials } from "../core/rotations";
import { recordUp } from "../core/run-record";
import { readStack, type StackResource } from "../core/state";
import { Stopwatch, summarize } from "../core/summary";
import { openWorkspace, requireRealParts, type Workspace } from "../core/workspace";
import { verifyQuietly } from "./verify";

export interface UpOptions {
  /** Prove afterwards what the identities may do. Default: yes. */
  verify?: boolean;
}

/** Brings the stack into the wanted form, whatever happened to it meanwhile. */
export async function up(stack: string, options: UpOptions = {}): Promise<void> {
  const watch = new Stopwatch();
  const workspace = openWorkspace(stack);
  await recordUp(workspace, (phases) => bringUp(workspace, phases));
  const { files, written } = await publishCredentials(workspace);
  if (files > 0) console.log(`environment files: ${files}, of which ${written} had to be written`);
  await tellNotices(workspace);
  const resources = await readStack(workspace);
  if (options.verify !== false) await verifyQuietly(workspace);
  console.log(
    `next: npm run env${optionFor(stack)} (for an application), npm run report${optionFor(stack)} (a page to look at)`,
  );
  summarize("up", { stack, resources: resources.length, seconds: watch.seconds });
}

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

/** What names the stack to a command of ours, when it has to be named. */
function optionFor(stack: string): string {
  return stack === "dev" ? "" : ` -- --stack ${stack}`;
}

/** Says which parts are not the real ones. */
function tellParts(workspace: Workspace): void {
  const { standIns } = workspace;
  if (standIns.length > 0)
    console.log(`stand-ins in use, not Pulumi's own: ${standIns.join(", ")} (docs/stand-ins.md)`);
  if (workspace.ownBackend !== undefined) console.log(`backend: your own (${workspace.ownBackend})`);
}

/** Prints what a person should know before they rely on the stack. */
export async function tellNotices(workspace: Workspace): Promise<void> {
  const { stdout } = await askPulumi(workspace, ["stack", "output", "notices", "--json"], true);
  const notices: unknown = stdout === "" ? [] : JSON.parse(stdout);
  for (const notice of Array.isArray(notices) ? notices : []) console.log(`note: ${String(notice)}`);
}
