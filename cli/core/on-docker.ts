import { setTimeout as pause } from "node:timers/promises";
import type Docker from "dockerode";

/** Everything on Docker that bears some labels, running or not. */
export async function listOnDocker(engine: Docker, label: string[]) {
  const filters = { label };
  const [containers, networks, { Volumes }] = await Promise.all([
    engine.listContainers({ all: true, filters }),
    engine.listNetworks({ filters }),
    engine.listVolumes({ filters }),
  ]);
  return { containers, networks, volumes: Volumes ?? [] };
}

/** The name that a person knows it by. */
export function containerName({ Id, Names }: Docker.ContainerInfo): string {
  return Names[0]?.replace(/^\//, "") ?? Id.slice(0, 12);
}

/** For the first start of a database on a slow disk; the health check has failed for good long before. */
const FIRST_START = 60_000;
/** Seconds that Docker gives a process to end by itself before it kills it. */
const TO_END = 30;

/**
 * Lets a container come to the end of its start, then stops it as Docker does it: a Postgres that is killed while it
 * makes its database leaves half of one in its volume, and never makes the rest.
 */
export async function stopGently(container: Docker.Container): Promise<void> {
  const until = Date.now() + FIRST_START;
  while ((await isStarting(container)) && Date.now() < until) await pause(250);
  // 304: it does not run.
  await container.stop({ t: TO_END }).catch((thrown: { statusCode?: number }) => {
    if (thrown.statusCode !== 304) throw thrown;
  });
}

async function isStarting(container: Docker.Container): Promise<boolean> {
  const { Running, Health } = (await container.inspect()).State;
  return Running && Health?.Status === "starting";
}
