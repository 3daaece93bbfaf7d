import { bringUp } from "../core/bring-up";
import { askPulumi, npmRun } from "../core/pulumi";
import { publishCredentials } from "../core/rotations";
import { recordUp } from "../core/run-record";
import { readStack } from "../core/state";
import { Stopwatch, summarize } from "../core/summary";
import { openWorkspace, type Workspace } from "../core/workspace";
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
  console.log(`next: ${npmRun("env", stack)} (for an application), ${npmRun("report", stack)} (a page to look at)`);
  summarize("up", { stack, resources: resources.length, seconds: watch.seconds });
}

/** Prints what a person should know before they rely on the stack. */
export async function tellNotices(workspace: Workspace): Promise<void> {
  const { stdout } = await askPulumi(workspace, ["stack", "output", "notices", "--json"], true);
  const notices: unknown = stdout === "" ? [] : JSON.parse(stdout);
  for (const notice of Array.isArray(notices) ? notices : []) console.log(`note: ${String(notice)}`);
}
