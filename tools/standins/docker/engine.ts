import Docker from "dockerode";
import type { Values } from "./property.js";

/**
 * A client of the engine that the provider's configuration names: `host` (unix://, tcp://, http://, ssh://), else
 * DOCKER_HOST, else the local socket.
 */
export function connect(config: Values): Docker {
  const host = typeof config.host === "string" && config.host !== "" ? config.host : process.env.DOCKER_HOST;
  if (!host) return new Docker();
  if (host.startsWith("unix://")) return new Docker({ socketPath: host.slice("unix://".length) });
  if (!/^(tcp|http|ssh):\/\//.test(host))
    throw new Error(`The stand-in for the docker plugin cannot reach host "${host}".`);
  const url = new URL(host.replace(/^tcp:/, "http:"));
  const port = url.port === "" ? {} : { port: url.port };
  if (url.protocol !== "ssh:") return new Docker({ host: url.hostname, ...port, protocol: "http" });
  const agent = process.env.SSH_AUTH_SOCK
    ? { sshOptions: { agentForward: false, agent: process.env.SSH_AUTH_SOCK } }
    : {};
  return new Docker({
    protocol: "ssh",
    host: url.hostname,
    username: decodeURIComponent(url.username),
    ...port,
    ...agent,
  });
}

/** An error in the words of the engine, the way the real provider shows it. */
export function daemonError(error: unknown): string {
  const body = typeof error === "object" && error !== null && "json" in error ? error.json : undefined;
  if (typeof body === "object" && body !== null && "message" in body)
    return `Error response from daemon: ${String(body.message)}`;
  return error instanceof Error ? error.message : String(error);
}

/** Whether the engine answered that the object does not exist. */
export function isNotFound(error: unknown): boolean {
  return typeof error === "object" && error !== null && "statusCode" in error && error.statusCode === 404;
}
