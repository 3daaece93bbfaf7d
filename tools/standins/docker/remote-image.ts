import type Docker from "dockerode";
import type { ImageInspectInfo } from "dockerode";
import { daemonError, isNotFound } from "./engine.js";
import { bool, set, text, type Values } from "./property.js";
import type { Made, ResourceKind } from "./resource.js";

/** docker:index/remoteImage:RemoteImage: the local image when there is one, else pulled. No builds. */
export const remoteImage: ResourceKind = {
  fields: {
    name: text({ required: true, forceNew: true }),
    keepLocally: bool(),
    forceRemove: bool(),
    pullTriggers: set({ forceNew: true }),
  },
  computedLists: {},
  computedOutputs: ["imageId", "repoDigest"],
  deleteBeforeReplace: false,

  async create(docker, inputs) {
    return made(await findOrPull(docker, String(inputs.name)), inputs);
  },

  async read(docker, _id, outputs) {
    const found = await inspect(docker, String(outputs.name));
    return found ? made(found, outputs) : undefined;
  },

  async update(docker, _id, olds, inputs) {
    return { ...olds, ...made(await findOrPull(docker, String(inputs.name)), inputs).outputs };
  },

  async remove(docker, _id, outputs) {
    const name = String(outputs.name);
    if (outputs.keepLocally === true || !(await inspect(docker, name))) return;
    await docker
      .getImage(name)
      .remove({ force: outputs.forceRemove === true })
      .catch((error: unknown) => {
        throw new Error(`Unable to remove Docker image: ${daemonError(error)}`);
      });
  },
};

async function inspect(docker: Docker, name: string): Promise<ImageInspectInfo | undefined> {
  try {
    return await docker.getImage(name).inspect();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * The local image of that name, pulled first when there is none.
 * Fails in the words of the real provider.
 */
export async function findOrPull(docker: Docker, name: string): Promise<ImageInspectInfo> {
  const local = await inspect(docker, name);
  if (local) return local;
  try {
    const progress = await docker.pull(name);
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
    });
  } catch (error) {
    const reason = `unable to pull image ${name}: error pulling image ${name}: ${daemonError(error)}`;
    throw new Error(`Unable to read Docker image into resource: ${reason}`, { cause: error });
  }
  const pulled = await inspect(docker, name);
  if (!pulled) throw new Error(`Unable to read Docker image into resource: unable to find or pull image ${name}`);
  return pulled;
}

function made(found: ImageInspectInfo, inputs: Values): Made {
  const name = String(inputs.name);
  const repository = name.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
  const digests = found.RepoDigests ?? [];
  const repoDigest = digests.find((digest) => digest.startsWith(`${repository}@`)) ?? digests[0] ?? "";
  const { keepLocally = null, forceRemove = null, pullTriggers = null } = inputs;
  return {
    id: `${found.Id}${name}`,
    outputs: { name, keepLocally, forceRemove, pullTriggers, imageId: found.Id, repoDigest },
  };
}
