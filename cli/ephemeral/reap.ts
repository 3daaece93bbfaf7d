import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import { EXPIRES_LABEL, labelsOf } from "../../infra/labels";
import { reachedEngine } from "../core/engine";
import { listOnDocker } from "../core/on-docker";
import { orphanedPlugins, orphanedSandbox } from "../core/orphans";
import { LOCAL } from "../core/places";
import { endProcess, runningProcesses } from "../core/processes";
import { forgetInstance, NAME_PREFIX, readInstances, stackFileOf, type Instance } from "./instance";
import { releasePort } from "./port";

/** What was removed, or is left, in figures. */
export interface Census {
  instances: number;
  processes: number;
  containers: number;
  volumes: number;
  networks: number;
}

const NOTHING: Census = { instances: 0, processes: 0, containers: 0, volumes: 0, networks: 0 };

const SANDBOX_FOLDER = join(LOCAL, "sandbox");

export interface ReapOptions {
  /** Also those whose time is not over; of another copy of the project only the expired ones are taken. */
  everything?: boolean;
  /** Take it to be this time. */
  now?: Date;
  /** Look at these instances only. */
  names?: string[];
}

/**
 * Removes ephemeral instances whose time is over, and what is left of ones whose note is lost. On Docker they are found
 * by their label, also those of another copy of the project.
 */
export async function reap({ everything = false, now = new Date(), names }: ReapOptions = {}): Promise<Census> {
  const instances = readInstances();
  const asked = instances.filter(({ name }) => names === undefined || names.includes(name));
  const over = asked.filter(({ expires }) => everything || new Date(expires) <= now);
  // Side by side: most of the time goes by while each one's database closes.
  const ended = await Promise.all(over.map((instance) => removeInstance(instance)));
  let removed = ended.reduce(sum, { ...NOTHING, instances: over.length });
  if (names !== undefined) return removed;
  for (const name of strayFolders(instances)) removed = sum(removed, await removeProcesses(name));
  const engine = await reachedEngine(undefined);
  if (engine === undefined) return removed;
  return sum(removed, await removeFromDocker(engine, [EXPIRES_LABEL], isOver(now)));
}

/** What there is of ephemeral instances on this machine. */
export async function census(): Promise<Census> {
  const instances = readInstances();
  const names = new Set([...instances.map(({ name }) => name), ...strayFolders(instances)]);
  const processes = [...names].flatMap((name) => orphanedSandbox(name, [])).length;
  const engine = await reachedEngine(undefined);
  const things = engine === undefined ? undefined : await listOnDocker(engine, [EXPIRES_LABEL]);
  return {
    instances: instances.length,
    processes,
    containers: things?.containers.length ?? 0,
    volumes: things?.volumes.length ?? 0,
    networks: things?.networks.length ?? 0,
  };
}

/** Removes all that there is of an instance, whatever state it is in; its data was in memory or in its own folder. */
export async function removeInstance(instance: Instance): Promise<Census> {
  const { name, target, port, dockerHost } = instance;
  let removed = await removeProcesses(name);
  const engine = target === "docker" ? await reachedEngine(dockerHost) : undefined;
  if (engine !== undefined) {
    removed = sum(removed, await removeFromDocker(engine, labelsOf(name), () => true));
  }
  forgetInstance(name);
  releasePort(port);
  return removed;
}

/** Sandbox folders of instances that nobody knows any more. */
function strayFolders(known: Instance[]): string[] {
  if (!existsSync(SANDBOX_FOLDER)) return [];
  const names = new Set(known.map(({ name }) => name));
  return readdirSync(SANDBOX_FOLDER).filter((name) => name.startsWith(NAME_PREFIX) && !names.has(name));
}

/** The run that was still making it, what that run started, and its sandbox; then the sandbox's data. */
async function removeProcesses(name: string): Promise<Census> {
  const file = stackFileOf(name);
  for (const { pid } of runningProcesses().filter(({ command }) => command.includes(file))) await endProcess(pid);
  for (const plugin of await orphanedPlugins()) await plugin.remove();
  const sandboxes = orphanedSandbox(name, []);
  for (const sandbox of sandboxes) await sandbox.remove();
  rmSync(join(SANDBOX_FOLDER, name), { recursive: true, force: true });
  return { ...NOTHING, processes: sandboxes.length };
}

type Labels = { [label: string]: string } | undefined;

const isOver =
  (now: Date) =>
  (labels: Labels): boolean =>
    new Date(labels?.[EXPIRES_LABEL] ?? Number.NaN) <= now;

async function removeFromDocker(engine: Docker, label: string[], mayGo: (labels: Labels) => boolean): Promise<Census> {
  const things = await listOnDocker(engine, label);
  const containers = things.containers.filter(({ Labels }) => mayGo(Labels));
  const networks = things.networks.filter(({ Labels }) => mayGo(Labels));
  const volumes = things.volumes.filter(({ Labels }) => mayGo(Labels));
  for (const { Id } of containers) await unlessGone(engine.getContainer(Id).remove({ force: true, v: true }));
  for (const { Id } of networks) await unlessGone(engine.getNetwork(Id).remove());
  for (const { Name } of volumes) await unlessGone(engine.getVolume(Name).remove());
  return { ...NOTHING, containers: containers.length, networks: networks.length, volumes: volumes.length };
}

/** Two reapers may meet. */
async function unlessGone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (thrown) {
    if ((thrown as { statusCode?: number }).statusCode !== 404) throw thrown;
  }
}

function sum(one: Census, other: Census): Census {
  return {
    instances: one.instances + other.instances,
    processes: one.processes + other.processes,
    containers: one.containers + other.containers,
    volumes: one.volumes + other.volumes,
    networks: one.networks + other.networks,
  };
}
