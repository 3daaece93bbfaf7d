import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";
import { ask } from "./ask";
import { imageName, imageNames } from "./components/images";
import { sandboxDataFolder } from "./components/sandbox";
import { PROJECT_ROOT, type Settings } from "./config";
import { dockerEngine } from "./docker-engine";
import { PROJECT_LABEL, STACK_LABEL, STAND_IN_LABEL } from "./labels";
import { upgradeNotices } from "./upgrade-notices";

/**
 * Looks at the machine before anything is created.
 * @returns what people should know of it.
 * @throws pulumi.RunError when Docker is not reached, an image is neither there nor to be had, or the port is taken.
 */
export async function preflight(settings: Settings): Promise<string[]> {
  if (settings.target === "sandbox") await requireSandboxPort(settings);
  if (settings.target !== "docker") return [];
  const engine = dockerEngine(settings["server.dockerHost"]);
  await requireEngine(engine, settings);
  for (const image of imageNames(settings)) await requireImage(engine, image);
  await requirePort(engine, settings);
  // Of this run alone: as an output they would still be told when the upgrade is done.
  for (const notice of await upgradeNotices(engine, settings)) await pulumi.log.warn(notice);
  return standInNotices(engine, settings);
}

async function requireEngine(engine: Docker, settings: Settings): Promise<void> {
  try {
    await engine.ping();
  } catch (thrown) {
    const host = settings["server.dockerHost"] ?? process.env.DOCKER_HOST ?? "the local Docker socket";
    throw new pulumi.RunError(
      `Docker is not reached at ${host} (${codeOf(thrown)}). Start it, or set infisical:server.dockerHost; ` +
        "without Docker, `npm run sandbox` shows the same on a small stand-in.",
    );
  }
}

async function requireImage(engine: Docker, image: string): Promise<void> {
  const inspected = await engine
    .getImage(image)
    .inspect()
    .then(
      () => true,
      () => false,
    );
  if (inspected) return;
  const offered = await engine
    .getImage(image)
    .distribution()
    .then(() => undefined, codeOf);
  if (offered === undefined) return;
  throw new pulumi.RunError(
    `image ${image} is not on the Docker host, and its registry does not give it (${offered}). ` +
      "Check the name (infisical:image.*), set infisical:image.mirror, or `docker load` it.",
  );
}

async function standInNotices(engine: Docker, settings: Settings): Promise<string[]> {
  const image = imageName(settings, "infisical");
  const labels = await engine
    .getImage(image)
    .inspect()
    .then(
      ({ Config }) => Config.Labels ?? {},
      () => ({}),
    );
  return STAND_IN_LABEL in labels
    ? [`sandbox, not Infisical: ${image} on this Docker host is a stand-in, never for real secrets`]
    : [];
}

async function requirePort(engine: Docker, settings: Settings): Promise<void> {
  const port = settings["server.port"];
  const containers = await engine.listContainers({ filters: { publish: [String(port)] } });
  const ours = (labels: { [label: string]: string }): boolean =>
    labels[PROJECT_LABEL] === settings.project && labels[STACK_LABEL] === settings.stack;
  if (containers.some(({ Labels }) => ours(Labels))) return;
  const remote = settings["server.dockerHost"]?.startsWith("unix:") === false;
  const holder = containers[0]?.Names[0]?.replace(/^\//, "");
  if (holder === undefined && (remote || !(await answers(settings["server.bindAddress"], port)))) return;
  throw portTaken(port, holder === undefined ? "another program" : `container ${holder}`);
}

/** Our own sandbox may have the port: it is the process that the lock file in its data folder names. */
async function requireSandboxPort(settings: Settings): Promise<void> {
  const port = settings["server.port"];
  if (!(await answers("127.0.0.1", port))) return;
  const lock = join(PROJECT_ROOT, sandboxDataFolder(settings.stack), "lock.json");
  const seen = await ask(new URL(`http://127.0.0.1:${port}/api/status`), 10_000).then(
    ({ headers }) => headers["x-infisical-sandbox-pid"],
    () => undefined,
  );
  const ours = existsSync(lock) && String((JSON.parse(readFileSync(lock, "utf8")) as { pid?: unknown }).pid) === seen;
  if (!ours) throw portTaken(port, seen === undefined ? "another program" : "the sandbox of another stack or folder");
}

function portTaken(port: number, holder: string): pulumi.RunError {
  return new pulumi.RunError(
    `port ${port} is taken by ${holder}. Choose another one: pulumi config set server.port <port>`,
  );
}

/** Whether something listens on the port of this machine. */
function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 });
    const settle = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
    socket.once("timeout", () => settle(false));
  });
}

function codeOf(thrown: unknown): string {
  const { code, statusCode, message } = thrown as { code?: string; statusCode?: number; message?: string };
  return code ?? (statusCode === undefined ? (message ?? "unknown") : `status ${statusCode}`);
}
