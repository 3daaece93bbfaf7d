import { rm } from "node:fs/promises";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type Docker from "dockerode";
import { isSandbox, sandboxFolder } from "../../cli/core/sandbox-process";
import { STACK_LABEL } from "../../infra/labels";
import { dockerIfReached } from "./engine";

/** Something that a stack made on this machine. */
export interface Leftover {
  /** Such as "container infisical-x-redis-abc". */
  what: string;
  remove: () => Promise<unknown>;
}

/** Process of the stack's sandbox, as its data folder names it; nothing when there is none. */
export function sandboxPid(stack: string): number | undefined {
  try {
    const lock = JSON.parse(readFileSync(join(sandboxFolder(stack), "lock.json"), "utf8")) as { pid?: unknown };
    return typeof lock.pid === "number" ? lock.pid : undefined;
  } catch {
    return undefined;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until a process is gone. @throws when it is still there after 10 s. */
export async function untilGone(pid: number): Promise<void> {
  for (let waited = 0; isAlive(pid); waited += 50) {
    if (waited > 10_000) throw new Error(`process ${pid} is still there after 10 s`);
    await pause(50);
  }
}

/**
 * What a stack has on this machine: containers, volumes and networks by their label, the sandbox's process and folder.
 * @param pids processes of its sandbox that were seen while it lived.
 */
export async function thingsOf(stack: string, pids: Iterable<number>): Promise<Leftover[]> {
  const engine = await dockerIfReached();
  return [...(engine === undefined ? [] : await dockerThings(engine, stack)), ...sandboxThings(stack, pids)];
}

async function dockerThings(engine: Docker, stack: string): Promise<Leftover[]> {
  const filters = { label: [`${STACK_LABEL}=${stack}`] };
  const [containers, { Volumes }, networks] = await Promise.all([
    engine.listContainers({ all: true, filters }),
    engine.listVolumes({ filters }),
    engine.listNetworks({ filters }),
  ]);
  return [
    ...containers.map(({ Id, Names }) => ({
      what: `container ${Names[0]?.replace(/^\//, "") ?? Id}`,
      remove: () => engine.getContainer(Id).remove({ force: true, v: true }),
    })),
    ...(Volumes ?? []).map(({ Name }) => ({
      what: `volume ${Name}`,
      remove: () => engine.getVolume(Name).remove(),
    })),
    ...networks.map(({ Id, Name }) => ({
      what: `network ${Name}`,
      remove: () => engine.getNetwork(Id).remove(),
    })),
  ];
}

function sandboxThings(stack: string, pids: Iterable<number>): Leftover[] {
  const folder = sandboxFolder(stack);
  const locked = sandboxPid(stack);
  // A number of a process that is gone is soon another's, on a machine that starts many.
  const alive = [...new Set([...pids, ...(locked === undefined ? [] : [locked])])].filter(isSandbox);
  return [
    ...alive.map((pid) => ({
      what: `sandbox process ${pid}`,
      remove: async () => {
        process.kill(pid, "SIGKILL");
        await untilGone(pid);
      },
    })),
    ...(existsSync(folder)
      ? [{ what: `folder ${folder}`, remove: () => rm(folder, { recursive: true, force: true }) }]
      : []),
  ];
}
