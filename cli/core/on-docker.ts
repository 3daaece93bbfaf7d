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
