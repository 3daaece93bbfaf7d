import Docker from "dockerode";

/** The label that every image made here carries; its value is the hash of all that went into it. */
export const STAND_IN_LABEL = "infisical-pulumi-stack.stand-in";

/** What the engine has under an image name, as far as it matters here. */
export type ImageState = "absent" | "foreign" | { inputs: string; bytes: number };

/** A client of the engine that DOCKER_HOST names, or of the local one. */
export function connect(): Docker {
  return new Docker();
}

/** Says whether an image exists, and whether it is one of ours (then with the hash that it was made from). */
export async function imageState(docker: Docker, name: string): Promise<ImageState> {
  try {
    const image = await docker.getImage(name).inspect();
    const inputs = image.Config?.Labels?.[STAND_IN_LABEL];
    return inputs === undefined ? "foreign" : { inputs, bytes: image.Size };
  } catch (error) {
    if (isNotFound(error)) return "absent";
    throw error;
  }
}

/**
 * Builds an image from a folder that holds a Dockerfile, by the engine's own builder (no buildx, no registry).
 * Fails with the builder's last lines.
 */
export async function buildImage(docker: Docker, name: string, folder: string, files: string[]): Promise<void> {
  const output = await docker.buildImage({ context: folder, src: files }, { t: name, forcerm: true, version: "1" });
  const lines: string[] = [];
  await follow(docker, output, (event) => {
    if (event.stream) lines.push(event.stream.trimEnd());
  }).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`image ${name} could not be built: ${reason}\n${lines.filter(Boolean).slice(-15).join("\n")}`);
  });
}

/** Imports a root file system (a tar file) as an image with one layer. */
export async function importImage(docker: Docker, tarFile: string, repo: string, tag: string, label: string) {
  const output = await docker.importImage(tarFile, { repo, tag, changes: `LABEL ${STAND_IN_LABEL}=${label}` });
  await follow(docker, output, () => undefined);
}

/** Removes our images that a newer build has left without a name. Others' are not touched, nor ones in use. */
export async function removeSuperseded(docker: Docker): Promise<void> {
  await docker.pruneImages({ filters: { dangling: ["true"], label: [STAND_IN_LABEL] } });
}

interface BuildEvent {
  stream?: string;
  error?: string;
}

function follow(docker: Docker, output: NodeJS.ReadableStream, onEvent: (event: BuildEvent) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const finished = (error: Error | null, events: BuildEvent[]) => {
      const failure = error?.message ?? events.find((event) => event.error)?.error;
      if (failure) reject(new Error(failure));
      else resolve();
    };
    docker.modem.followProgress(output, finished, onEvent);
  });
}

function isNotFound(error: unknown): boolean {
  return typeof error === "object" && error !== null && "statusCode" in error && error.statusCode === 404;
}
