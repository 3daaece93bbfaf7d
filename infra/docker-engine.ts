import Docker from "dockerode";

/**
 * The Docker engine that the stack's containers run on.
 * @param host such as `unix:///var/run/docker.sock` or `ssh://user@host`; nothing = DOCKER_HOST, else the local socket.
 */
export function dockerEngine(host: string | undefined): Docker {
  if (host === undefined || host === "") return new Docker();
  const url = new URL(host);
  if (url.protocol === "unix:") return new Docker({ socketPath: url.pathname });
  const port = url.port === "" ? {} : { port: Number(url.port) };
  if (url.protocol === "ssh:") {
    return new Docker({ protocol: "ssh", host: url.hostname, username: url.username, ...port });
  }
  return new Docker({ protocol: url.protocol === "https:" ? "https" : "http", host: url.hostname, ...port });
}

/** The container that bears these labels, running or not; nothing when there is none. */
export async function containerWith(engine: Docker, label: string[]): Promise<Docker.Container | undefined> {
  const [found] = await engine.listContainers({ all: true, filters: { label } });
  return found === undefined ? undefined : engine.getContainer(found.Id);
}
