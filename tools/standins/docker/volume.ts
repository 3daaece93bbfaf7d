import { daemonError, isNotFound } from "./engine.js";
import { labels, map, text } from "./property.js";
import type { ResourceKind } from "./resource.js";
import { untilRemoved } from "./until-removed.js";
import { labelMap, labelSet, textMapOf, textOf } from "./values.js";

/** docker:index/volume:Volume. The engine hands out an existing volume of the same name in silence: so does this. */
export const volume: ResourceKind = {
  fields: {
    name: text({ forceNew: true, computed: true }),
    labels: labels(),
    driver: text({ forceNew: true, computed: true }),
    driverOpts: map({ forceNew: true }),
  },
  computedLists: {},
  computedOutputs: ["driver", "mountpoint", "name"],
  deleteBeforeReplace: false,

  async create(docker, inputs) {
    const name = textOf(inputs.name);
    const driver = textOf(inputs.driver);
    const options = { Labels: labelMap(inputs.labels), DriverOpts: textMapOf(inputs.driverOpts) };
    const created = await docker
      .createVolume({ ...options, ...(name ? { Name: name } : {}), ...(driver ? { Driver: driver } : {}) })
      .catch((error: unknown) => {
        throw new Error(`Unable to create volume: ${daemonError(error)}`);
      });
    const made = await this.read(docker, nameOf(created), inputs);
    if (!made) throw new Error(`Volume ${nameOf(created)} was gone right after its creation`);
    return made;
  },

  async read(docker, id) {
    try {
      const found = await docker.getVolume(id).inspect();
      const outputs = {
        name: found.Name,
        labels: labelSet(found.Labels),
        driver: found.Driver,
        driverOpts: found.Options ?? {},
        mountpoint: found.Mountpoint,
      };
      return { id: found.Name, outputs };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw new Error(`Unable to inspect volume: ${daemonError(error)}`, { cause: error });
    }
  },

  async update(_docker, _id, olds, inputs) {
    return { ...olds, ...inputs };
  },

  async remove(docker, id) {
    await untilRemoved(async () => {
      try {
        await docker.getVolume(id).remove({ force: true });
        return "removed";
      } catch (error) {
        if (isNotFound(error)) return "removed";
        if (daemonError(error).includes("volume is in use")) return "in_use";
        throw new Error(daemonError(error), { cause: error });
      }
    });
  },
};

/** The name in the engine's answer; dockerode's client and its types differ on where it is. */
function nameOf(created: { name?: string; Name?: string }): string {
  return created.Name ?? created.name ?? "";
}
