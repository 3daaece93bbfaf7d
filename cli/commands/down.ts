import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type Docker from "dockerode";
import { archivesIn, defaultShelf } from "../core/backup/shelf";
import { belongingsOf, stillOpen, sweepDocker } from "../core/belongings";
import type { Belongings } from "../core/belongings";
import { requireWord } from "../core/consent";
import { certificateOf, certificateTable, type CertificateLine } from "../core/certificate";
import { engineOf } from "../core/engine";
import { Failure } from "../core/failure";
import { backendFolder } from "../core/lock";
import { mend } from "../core/mend";
import { orphanedPlugins, suffixIn } from "../core/orphans";
import { Phases } from "../core/phases";
import { askPulumi, notFinished, runPulumi, stackExists } from "../core/pulumi";
import { runRecordFile } from "../core/run-record";
import { endSandbox, sandboxFolder, sandboxFolderAside } from "../core/sandbox-process";
import { settingOf } from "../core/settings";
import { settingIn, stackFileOf } from "../core/stack-file";
import { readStack, readState, withoutProviders, type StackState } from "../core/state";
import { Stopwatch, summarize } from "../core/summary";
import { openWorkspace, type Workspace } from "../core/workspace";

export interface DownOptions {
  /** Protected data goes, too. */
  deleteData?: boolean;
  /** Remove everything that bears the stack's label, also what the state does not know, as after the loss of a state. */
  sweep?: boolean;
  /** Show what Pulumi says only when it fails. */
  quiet?: boolean;
}

/** Takes the stack down and certifies what is left of it: containers, volumes, networks, processes, ports, files, state. */
export async function down(stack: string, options: DownOptions = {}): Promise<void> {
  const watch = new Stopwatch();
  const workspace = openWorkspace(stack);
  const lines = await takeDown(workspace, options, new Phases("down"));
  for (const line of certificateTable(lines)) console.log(line);
  tellKept(workspace);
  const existed = lines.reduce((sum, line) => sum + line.existed, 0);
  const left = lines.flatMap((line) => line.left.map((name) => `${line.kind}: ${name}`));
  summarize("down", { stack, existed, left: left.length, seconds: watch.seconds });
  refuseRemains(stack, left);
  if (lines.some(({ seen }) => !seen)) {
    throw new Failure("Docker is not reached, so nobody knows what is left there. Start it, then: npm run down");
  }
}

function refuseRemains(stack: string, left: string[]): void {
  if (left.length === 0) return;
  throw new Failure(
    `${left.length} things of the stack "${stack}" are left:\n${left.map((one) => `  ${one}`).join("\n")}\n` +
      "What its state does not know may belong to another copy of this project. If it does not: " +
      `npm run down -- --stack ${stack} --sweep --delete-data`,
  );
}

/** What is the user's own stays, and does not count. */
function tellKept({ stack, configFile }: Workspace): void {
  const backups = archivesIn(defaultShelf(stack), stack).length;
  if (backups > 0) console.log(`kept: ${backups} backups in ${defaultShelf(stack)}`);
  if (configFile !== undefined && existsSync(configFile)) console.log(`kept: the stack's settings, ${configFile}`);
}

/**
 * Destroys a stack, whatever state it is in.
 * @returns what there was of it, and what is left.
 * @throws Failure before anything is touched, when protected data would go and nobody has asked for that.
 */
export async function takeDown(
  workspace: Workspace,
  options: DownOptions,
  phases?: Phases,
): Promise<CertificateLine[]> {
  phases?.begin("looking for what there is");
  const state = await readState(workspace);
  const onDocker = usesDocker(workspace, state);
  const engine = onDocker || options.sweep === true ? await engineOf(workspace) : undefined;
  // A sweep takes what bears the label, of whatever state it is.
  const suffix = options.sweep === true ? undefined : suffixIn(state.resources);
  const before = await belongingsOf(workspace, engine, suffix);
  const isProtected = state.resources.some(({ protect }) => protect === true);
  const deleteData = await mayDeleteData(workspace, options, before, isProtected);
  const mended = await mend(workspace, { goingDown: true, deleteData });
  const existed = withoutProviders(mended.state.resources).length;
  phases?.begin(`removing ${existed} resources`);
  if (existed > 0) await destroyOrSweep(workspace, engine, { ...options, isProtected });
  else if (options.sweep === true) await sweep(workspace, engine);
  const left = (await readStack(workspace)).map(({ urn }) => urn.slice(urn.lastIndexOf("::") + 2));
  phases?.begin("looking for what is left");
  if (left.length === 0) await forget(workspace);
  await untilPluginsEnded();
  const after = await belongingsOf(workspace, engine, suffix);
  if (after.others.length > 0) {
    console.log(`of another copy of the project, and left to it: ${after.others.join(", ")}`);
  }
  const ports = new Set([...after.ports, ...(await stillOpen(isRemote(workspace) ? [] : before.ports))]);
  return certificateOf(before, { ...after, ports: [...ports] }, { existed, left }, engine !== undefined || !onDocker);
}

/** A stack on Docker, also when its state is lost. What another copy of the project has there is no sandbox's business. */
function usesDocker(workspace: Workspace, { resources }: StackState): boolean {
  if (resources.length > 0) return resources.some(({ type }) => type.startsWith("docker:"));
  return settingOf(workspace, "target") === "docker";
}

/** Plugins of the run that has just ended take a moment. What is still there after it is told. */
async function untilPluginsEnded(): Promise<void> {
  for (let waited = 0; waited < 5_000 && (await orphanedPlugins()).length > 0; waited += 100) await pause(100);
}

/** Asks once, before anything is touched. Data that is not protected goes with its stack, as it was made to. */
async function mayDeleteData(
  workspace: Workspace,
  { deleteData, sweep }: DownOptions,
  { volumes }: Belongings,
  isProtected: boolean,
): Promise<boolean> {
  if (deleteData === true) return true;
  const swept = sweep === true && volumes.length > 0;
  if (!isProtected && !swept) return false;
  const { stack } = workspace;
  const data = volumes.length === 0 ? "its data" : `the volumes ${volumes.join(", ")}`;
  const reason = isProtected ? "is protected (server.durable)" : "would be swept away by label with";
  await requireWord(
    `The stack "${stack}" ${reason}: ${data}. What is in it cannot be brought back without a backup (npm run backup).`,
    stack,
    `the stack "${stack}" ${reason}: ${data}. Nothing was touched. Save it first: npm run backup -- --stack ${stack}. ` +
      `To delete it for good: npm run down -- --stack ${stack}${swept ? " --sweep" : ""} --delete-data`,
  );
  return true;
}

/** What lives in the server goes with its data, so a sweep can do without a destroy, as when the server never ran. */
async function destroyOrSweep(
  workspace: Workspace,
  engine: Docker | undefined,
  { isProtected, quiet, sweep: sweeping }: DownOptions & { isProtected: boolean },
): Promise<void> {
  try {
    await destroy(workspace, isProtected, quiet === true);
  } catch (thrown) {
    if (sweeping !== true || !(thrown instanceof Failure) || !holdsItsData(workspace)) throw thrown;
    console.log(`${thrown.message}\nGoing on without: everything that bears the stack's label is swept away.`);
  }
  if (sweeping !== true) return;
  await sweep(workspace, engine);
  if ((await readStack(workspace)).length > 0) {
    await askPulumi(workspace, ["stack", "rm", "--force", "--yes", "--preserve-config", workspace.stack]);
  }
}

function holdsItsData(workspace: Workspace): boolean {
  const own = settingIn(stackFileOf(workspace), "postgres.uri") !== undefined;
  return settingOf(workspace, "target") !== "external" && !own;
}

async function destroy(workspace: Workspace, isProtected: boolean, quiet: boolean): Promise<void> {
  if (isProtected) await askPulumi(workspace, ["state", "unprotect", "--all", "--yes"]);
  if (quiet) return void (await askPulumi(workspace, ["destroy", "--yes", "--skip-preview"]));
  // With its preview: without it, a protected stack would be taken down by half before it is refused.
  const code = await runPulumi(workspace, ["destroy", "--yes"]);
  if (code !== 0) throw new Failure(notFinished(workspace, "destroy", code), code);
}

/** Everything by label; that its data may go was asked before. */
async function sweep(workspace: Workspace, engine: Docker | undefined): Promise<void> {
  if (engine !== undefined) await sweepDocker(engine, workspace.stack);
  await endSandbox(workspace.stack);
  rmSync(sandboxFolder(workspace.stack), { recursive: true, force: true });
}

/** Removes the empty stack and the copies of its state, which hold keys that open nothing any more. */
async function forget(workspace: Workspace): Promise<void> {
  rmSync(runRecordFile(workspace.stack), { force: true });
  // Of a restore that was killed; it is data of this stack, too.
  rmSync(sandboxFolderAside(workspace.stack), { recursive: true, force: true });
  if (workspace.ownBackend !== undefined) return;
  const { stack } = workspace;
  if (await stackExists(workspace)) await askPulumi(workspace, ["stack", "rm", "--yes", "--preserve-config", stack]);
  const root = backendFolder(workspace.env.PULUMI_BACKEND_URL);
  if (root === undefined) return;
  for (const copies of ["backups", "history", join("locks", "organization")]) {
    rmSync(join(root, ".pulumi", copies, "infisical", stack), { recursive: true, force: true });
  }
  for (const end of [".bak", ".bak.attrs", ".attrs"]) {
    rmSync(join(root, ".pulumi", "stacks", "infisical", `${stack}.json${end}`), { force: true });
  }
}

/** Whether the ports are on another machine, where this one cannot look. */
function isRemote(workspace: Workspace): boolean {
  const host = settingOf(workspace, "server.dockerHost") ?? workspace.env.DOCKER_HOST ?? "unix:";
  return !host.startsWith("unix:");
}
