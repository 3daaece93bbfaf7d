import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import { labelsOf } from "../../infra/labels";
import { backendFolder } from "./lock";
import { containerName, listOnDocker } from "./on-docker";
import { orphanedPlugins } from "./orphans";
import { listens } from "./processes";
import { runRecordFile } from "./run-record";
import { sandboxFolder, sandboxFolderAside, sandboxProcess } from "./sandbox-process";
import type { Workspace } from "./workspace";

export const KINDS = ["containers", "volumes", "networks", "processes", "ports", "files"] as const;
export type BelongingKind = (typeof KINDS)[number];

/** What a stack has on this machine and on its Docker engine: names by kind. */
export type Belongings = { [kind in BelongingKind]: string[] } & {
  /** On Docker: what bears the stack's name, and belongs to another copy of the project. */
  others: string[];
};

/**
 * Looks for everything that bears the stack's name: by label on Docker, by place among the files. It does not ask the
 * stack's state, so it finds what a lost state has forgotten, too.
 *
 * @param engine nothing when there is nothing to look at, or none is reached.
 * @param suffix end of this state's names on Docker, where a state knows it; all that bears the label is the stack's else.
 */
export async function belongingsOf(
  workspace: Workspace,
  engine: Docker | undefined,
  suffix?: string,
): Promise<Belongings> {
  const docker = engine === undefined ? NOTHING : await onDocker(engine, workspace.stack, suffix);
  const sandbox = sandboxProcess(workspace.stack);
  const plugins = await orphanedPlugins();
  return {
    ...docker,
    processes: [...(sandbox === undefined ? [] : [`sandbox ${sandbox.pid}`]), ...plugins.map(({ what }) => what)],
    ports: [...docker.ports, ...(sandbox === undefined ? [] : [String(sandbox.port)])],
    files: filesOf(workspace),
  };
}

const NOTHING: OnDocker = { containers: [], volumes: [], networks: [], ports: [], others: [] };

type OnDocker = Omit<Belongings, "processes" | "files">;

async function onDocker(engine: Docker, stack: string, suffix?: string): Promise<OnDocker> {
  const { containers, volumes, networks } = await listOnDocker(engine, labelsOf(stack));
  const isOurs = (name: string): boolean => suffix === undefined || name.endsWith(`-${suffix}`);
  const ours = containers.filter((one) => isOurs(containerName(one)));
  const published = ours.flatMap(({ Ports }) => Ports.map(({ PublicPort }) => PublicPort));
  const names = {
    containers: containers.map(containerName),
    volumes: volumes.map(({ Name }) => Name),
    networks: networks.map(({ Name }) => Name),
  };
  return {
    containers: names.containers.filter(isOurs),
    volumes: names.volumes.filter(isOurs),
    networks: names.networks.filter(isOurs),
    ports: [...new Set(published.filter((port) => port !== undefined))].map(String),
    others: Object.values(names)
      .flat()
      .filter((name) => !isOurs(name)),
  };
}

/** Removes everything on Docker that bears the stack's labels, volumes included. */
export async function sweepDocker(engine: Docker, stack: string): Promise<void> {
  const { containers, volumes, networks } = await onDocker(engine, stack);
  for (const name of containers) await engine.getContainer(name).remove({ force: true, v: true });
  for (const name of networks) await engine.getNetwork(name).remove();
  for (const name of volumes) await engine.getVolume(name).remove();
}

/** Files that belong to the stack alone; its settings and its backups are the user's, and do not count. */
function filesOf(workspace: Workspace): string[] {
  const note = runRecordFile(workspace.stack);
  return [
    ...filesBelow(sandboxFolder(workspace.stack)),
    ...filesBelow(sandboxFolderAside(workspace.stack)),
    ...stateFilesOf(workspace),
    ...(existsSync(note) ? [note] : []),
  ];
}

/**
 * Files of the stack's state with its copies and its history.
 * @returns none when the backend is the user's own or is not a folder of this machine.
 */
export function stateFilesOf(workspace: Workspace): string[] {
  const root = workspace.ownBackend === undefined ? backendFolder(workspace.env.PULUMI_BACKEND_URL) : undefined;
  if (root === undefined) return [];
  const { stack } = workspace;
  const kept = join(root, ".pulumi");
  const state = filesBelow(join(kept, "stacks", "infisical")).filter((file) => {
    const name = file.slice(file.lastIndexOf("/") + 1);
    return name === `${stack}.json` || name.startsWith(`${stack}.json.`);
  });
  return [
    ...state,
    ...filesBelow(join(kept, "backups", "infisical", stack)),
    ...filesBelow(join(kept, "history", "infisical", stack)),
    ...filesBelow(join(kept, "locks", "organization", "infisical", stack)),
  ];
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const inside = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
  // An empty folder is left behind, too.
  return inside.length === 0 ? [folder] : inside.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}

/** Of these ports, those on which something still listens on this machine. */
export async function stillOpen(ports: string[]): Promise<string[]> {
  const open = await Promise.all(ports.map((port) => listens(Number(port))));
  return ports.filter((_, index) => open[index]);
}
