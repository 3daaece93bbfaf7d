import type Docker from "dockerode";
import { dockerEngine } from "../../infra/docker-engine";
import { labelsOf, ROLE_LABEL } from "../../infra/labels";
import { containerName, listOnDocker, stopGently } from "./on-docker";
import { ROOT } from "./places";
import { endProcess, listens, runningProcesses, type Process } from "./processes";
import { sandboxProcess } from "./sandbox-process";
import type { StackResource, StackState } from "./state";

/** Something that a broken run left behind: it exists, and the stack's state does not know it. */
export interface Orphan {
  /** For a person, such as "container infisical-dev-redis-x1y2z3". */
  what: string;
  /** May hold data, so it is removed only when a person asks for it. */
  data: boolean;
  /** Certainly of this stack and this state; anything else is only reported. */
  ours: boolean;
  /** Lets it end what it has begun; for who goes on with its data. */
  settle?: () => Promise<void>;
  remove: () => Promise<void>;
}

/**
 * Plugins of a Pulumi run that was killed: they live on, and may still be at work. They are told by running this project,
 * by having no run above them any more, and by the address of their engine, which nobody answers.
 */
export async function orphanedPlugins(): Promise<Orphan[]> {
  const found: Orphan[] = [];
  const all = runningProcesses();
  for (const candidate of all.filter(isPluginHere)) {
    if (isOfLivingRun(candidate, all)) continue;
    const port = enginePort(candidate);
    if (port === undefined || (await listens(port))) continue;
    found.push({ ...plain(`process ${candidate.pid} (${pluginName(candidate)})`), remove: () => end(candidate.pid) });
  }
  return found;
}

function isPluginHere({ command, folder, pid }: Process): boolean {
  const here = command.includes(`${ROOT}/`) || `${folder ?? ""}/`.startsWith(`${ROOT}/`);
  return here && pid !== process.pid && /pulumi-(resource|language)-|cmd\/(dynamic-provider|run)\b/.test(command);
}

/** At the end of a run there is a moment in which its engine is gone, and its program is not. */
export function isOfLivingRun({ parent }: Process, all: Process[]): boolean {
  const above = all.find(({ pid }) => pid === parent);
  if (above === undefined) return false;
  return /^(\S*\/)?pulumi(\s|$)/.test(above.command) || isOfLivingRun(above, all);
}

function enginePort({ command }: Process): number | undefined {
  const address = /(?:^|[\s=])(?:127\.0\.0\.1|localhost):(\d+)(?=\s|$)/.exec(command);
  return address === null ? undefined : Number(address[1]);
}

function pluginName({ command }: Process): string {
  return /pulumi-(?:resource|language)-[a-z-]+|dynamic-provider/.exec(command)?.[0] ?? "the program";
}

/** A sandbox of this stack that runs although the state has none. */
export function orphanedSandbox(stack: string, resources: StackResource[]): Orphan[] {
  if (resources.some(({ type }) => type.endsWith("infisical:SandboxServer"))) return [];
  const pid = sandboxProcess(stack)?.pid;
  return pid === undefined ? [] : [{ ...plain(`sandbox process ${pid}`), remove: () => end(pid) }];
}

/**
 * Containers, networks and volumes that carry the stack's labels and are not in its state. Ours are those with the
 * suffix of this state: another clone of the project may have a stack of the same name on the same engine.
 */
export async function orphanedOnDocker(
  stack: string,
  { resources, pending }: StackState,
  host: string | undefined,
): Promise<Orphan[]> {
  const engine = dockerEngine(host);
  const { containers, networks, volumes } = await listOnDocker(engine, labelsOf(stack));
  const known = new Set(resources.map(({ id }) => id));
  const suffix = suffixIn(resources);
  const ours = (name: string): boolean => suffix !== undefined && name.endsWith(`-${suffix}`);
  return [
    ...containers.filter(({ Id }) => !known.has(Id)).map((seen) => containerOrphan(engine, seen, ours)),
    ...networks
      .filter(({ Id }) => !known.has(Id))
      .map(({ Id, Name }) => ({
        ...plain(`network ${Name}`, ours(Name)),
        remove: async () => void (await engine.getNetwork(Id).remove()),
      })),
    ...volumes
      .filter(({ Name }) => !known.has(Name))
      .map(({ Name, Labels }) => ({
        ...plain(`volume ${Name}`, ours(Name)),
        data: !(ours(Name) && isBeingMade(Labels?.[ROLE_LABEL], pending)),
        remove: async () => void (await engine.getVolume(Name).remove()),
      })),
  ];
}

/** A volume that the killed run was just making: nothing has been written into it. */
function isBeingMade(role: string | undefined, pending: string[]): boolean {
  return (
    role !== undefined &&
    pending.some((operation) => operation.endsWith(`-${role}`) && /^creating .*:Volume::/.test(operation))
  );
}

export const DOCKER_PROVIDER = "pulumi:providers:docker";

/** The Docker engine that a state's containers run on; nothing = the default one. */
export function dockerHostIn(resources: StackResource[]): string | undefined {
  const provider = resources.find(({ type, inputs }) => type === DOCKER_PROVIDER && inputs?.host !== undefined);
  const host = provider?.inputs?.host;
  return typeof host === "string" ? host : undefined;
}

function containerOrphan(engine: Docker, seen: Docker.ContainerInfo, ours: (name: string) => boolean): Orphan {
  const name = containerName(seen);
  const container = engine.getContainer(seen.Id);
  return {
    ...plain(`container ${name}`, ours(name)),
    settle: () => stopGently(container),
    // With its anonymous volumes; the data is in named ones, which stay.
    remove: async () => void (await container.remove({ force: true, v: true })),
  };
}

/** The few letters that all Docker names of this state end in. */
export function suffixIn(resources: StackResource[]): string | undefined {
  const suffix = resources.find(({ urn, type }) => type.endsWith(":RandomString") && urn.endsWith("-suffix"));
  return suffix?.id;
}

function plain(what: string, ours = true): Omit<Orphan, "remove"> {
  return { what, ours, data: false };
}

async function end(pid: number): Promise<void> {
  if (!(await endProcess(pid))) throw new Error(`process ${pid} cannot be ended; it may belong to somebody else`);
}
