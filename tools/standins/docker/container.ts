import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import { bytes, creation, joinNetworks, uploadFiles } from "./container-create.js";
import { containerFields } from "./container-fields.js";
import { readOutputs } from "./container-read.js";
import { daemonError, isNotFound } from "./engine.js";
import { meansTheSame } from "./diff.js";
import type { Values } from "./property.js";
import { findOrPull } from "./remote-image.js";
import { PartlyMade, type ResourceKind } from "./resource.js";
import { numberOf, textOf } from "./values.js";

const HEALTH_POLL_MS = 250;

// All that the engine can change in a container that exists. Every other update succeeds and changes nothing.
const UPDATED_IN_PLACE = [
  "restart",
  "maxRetryCount",
  "cpuShares",
  "memory",
  "memoryReservation",
  "cpuSet",
  "memorySwap",
];

const READ_ONLY_OUTPUTS = ["bridge", "containerLogs", "exitCode", "ipcMode", "networkDatas", "platform", "runtime"];

/** docker:index/container:Container, with the measured lies of the real provider. */
export const container: ResourceKind = {
  fields: containerFields,
  computedLists: { command: true, entrypoints: true, networkDatas: false },
  computedOutputs: [
    ...Object.keys(containerFields).filter((name) => containerFields[name]?.computed),
    ...READ_ONLY_OUTPUTS,
  ],
  deleteBeforeReplace: true,

  async create(docker, inputs) {
    await findOrPull(docker, String(inputs.image)).catch((error: unknown) => {
      throw new Error(`Unable to create container with image ${String(inputs.image)}: ${daemonError(error)}`);
    });
    const handle = await docker.createContainer(creation(inputs)).catch((error: unknown) => {
      throw new Error(`Unable to create container: ${daemonError(error)}`);
    });
    try {
      await bringUp(docker, handle, inputs);
    } catch (error) {
      // The container stays as it is, and the state keeps only what the program said: see `computedLists`.
      throw new PartlyMade(handle.id, inputs, error instanceof Error ? error.message : String(error));
    }
    return { id: handle.id, outputs: readOutputs(await handle.inspect(), { ...inputs }) };
  },

  async read(docker, id, outputs) {
    try {
      return { id, outputs: readOutputs(await docker.getContainer(id).inspect(), outputs) };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw new Error(daemonError(error), { cause: error });
    }
  },

  async update(docker, id, olds, inputs) {
    const handle = docker.getContainer(id);
    if (olds.mustRun === false && inputs.mustRun === true && inputs.start !== false) {
      await handle.start().catch((error: unknown) => {
        throw new Error(`Unable to start container: ${daemonError(error)}`);
      });
    }
    const changed = UPDATED_IN_PLACE.some((name) => {
      const property = containerFields[name];
      return property !== undefined && !meansTheSame(olds[name], inputs[name], property);
    });
    if (changed) {
      await handle.update(resources(inputs)).catch((error: unknown) => {
        throw new Error(`Unable to update a container: ${daemonError(error)}`);
      });
    }
    return { ...olds, ...inputs };
  },

  async remove(docker, id, outputs) {
    const handle = docker.getContainer(id);
    const gone = (error: unknown) => /No such container|is already in progress/.test(daemonError(error));
    if (outputs.attach !== true) {
      // Without destroyGraceSeconds the real provider gives no grace at all.
      await handle.stop({ t: numberOf(outputs.destroyGraceSeconds) ?? 0 }).catch((error: unknown) => {
        const status =
          typeof error === "object" && error !== null && "statusCode" in error ? error.statusCode : undefined;
        if (status === 304 || gone(error)) return;
        throw new Error(`Error stopping container ${id}: ${daemonError(error)}`);
      });
    }
    await handle.remove({ v: outputs.removeVolumes === true, force: true }).catch((error: unknown) => {
      if (!gone(error)) throw new Error(`Error deleting container ${id}: ${daemonError(error)}`);
    });
  },
};

async function bringUp(docker: Docker, handle: Docker.Container, inputs: Values): Promise<void> {
  await joinNetworks(docker, handle, inputs);
  await uploadFiles(handle, inputs);
  if (inputs.start !== false) {
    await handle.start().catch((error: unknown) => {
      throw new Error(`Unable to start container: ${daemonError(error)}`);
    });
    if (inputs.wait === true) await untilHealthy(handle, numberOf(inputs.waitTimeout) ?? 0);
  }
  if (inputs.attach === true) await handle.wait();
}

/** Waits for "healthy" only: the real provider goes on waiting for a container that is unhealthy, or that has died. */
async function untilHealthy(handle: Docker.Container, timeoutS: number): Promise<void> {
  const end = Date.now() + timeoutS * 1000;
  for (;;) {
    const health = (await handle.inspect()).State.Health;
    if (!health) {
      throw new Error(
        "you have supplied a 'wait' argument, but the container does not have a healthcheck defined. " +
          "Please remove the 'wait' argument or add a 'healthcheck' attribute",
      );
    }
    if (health.Status === "healthy") return;
    if (Date.now() + HEALTH_POLL_MS > end) throw new Error("container failed to be in healthy state");
    await delay(HEALTH_POLL_MS);
  }
}

function resources(inputs: Values): object {
  return {
    RestartPolicy: { Name: String(inputs.restart ?? "no"), MaximumRetryCount: numberOf(inputs.maxRetryCount) ?? 0 },
    CpuShares: numberOf(inputs.cpuShares) ?? 0,
    Memory: bytes(inputs.memory) ?? 0,
    MemoryReservation: bytes(inputs.memoryReservation) ?? 0,
    CpusetCpus: textOf(inputs.cpuSet) ?? "",
    ...(numberOf(inputs.memorySwap) ? { MemorySwap: bytes(inputs.memorySwap) } : {}),
  };
}
