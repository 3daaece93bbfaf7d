import type Docker from "dockerode";
import type { NetworkInspectInfo } from "dockerode";
import { daemonError } from "./engine.js";
import { bool, labels, map, object, set, text, type Values } from "./property.js";
import type { Made, ResourceKind } from "./resource.js";
import { untilRemoved } from "./until-removed.js";
import { labelMap, labelSet, recordsOf, textMapOf, textOf } from "./values.js";

const ipamConfig = object({
  subnet: text({ forceNew: true }),
  ipRange: text({ forceNew: true }),
  gateway: text({ forceNew: true }),
  auxAddress: map({ forceNew: true }),
});

/** docker:index/network:Network. Its real provider waits 2 s before each read and delete; this one does not. */
export const network: ResourceKind = {
  fields: {
    name: text({ required: true, forceNew: true }),
    labels: labels(),
    driver: text({ forceNew: true, computed: true }),
    options: map({ forceNew: true, computed: true }),
    internal: bool({ forceNew: true, computed: true }),
    attachable: bool({ forceNew: true }),
    ipv6: bool({ forceNew: true }),
    ipamDriver: text({ forceNew: true, default: "default" }),
    ipamConfigs: set({ of: ipamConfig, forceNew: true, computed: true }),
  },
  computedLists: {},
  computedOutputs: ["driver", "internal", "ipamConfigs", "options", "scope"],
  deleteBeforeReplace: false,

  async create(docker, inputs) {
    const created = await docker.createNetwork(creation(inputs)).catch((error: unknown) => {
      throw new Error(`Unable to create network: ${daemonError(error)}`);
    });
    const made = await this.read(docker, created.id, inputs);
    if (!made) throw new Error(`Network ${created.id} was gone right after its creation`);
    return made;
  },

  async read(docker, id) {
    const found: NetworkInspectInfo | undefined = await docker
      .getNetwork(id)
      .inspect()
      .catch(() => undefined);
    return found ? made(found) : undefined;
  },

  async update(_docker, _id, olds, inputs) {
    return { ...olds, ...inputs };
  },

  async remove(docker, id) {
    const handle = docker.getNetwork(id);
    await untilRemoved(async () => {
      const exists = await handle.inspect().then(
        () => true,
        () => false,
      );
      if (!exists) return "removed";
      try {
        await handle.remove();
        return "removed";
      } catch (error) {
        if (daemonError(error).includes("has active endpoints")) return "pending";
        throw new Error(daemonError(error), { cause: error });
      }
    });
  },
};

function creation(inputs: Values): Docker.NetworkCreateOptions {
  const driver = textOf(inputs.driver);
  const pools = recordsOf(inputs.ipamConfigs).map((pool) => ({
    ...(textOf(pool.subnet) ? { Subnet: textOf(pool.subnet) } : {}),
    ...(textOf(pool.ipRange) ? { IPRange: textOf(pool.ipRange) } : {}),
    ...(textOf(pool.gateway) ? { Gateway: textOf(pool.gateway) } : {}),
    AuxiliaryAddresses: textMapOf(pool.auxAddress),
  }));
  return {
    Name: String(inputs.name),
    CheckDuplicate: true,
    Labels: labelMap(inputs.labels),
    Options: textMapOf(inputs.options),
    Internal: inputs.internal === true,
    Attachable: inputs.attachable === true,
    EnableIPv6: inputs.ipv6 === true,
    IPAM: { Driver: String(inputs.ipamDriver ?? "default"), Config: pools as unknown as { [key: string]: string }[] },
    ...(driver ? { Driver: driver } : {}),
  };
}

function made(found: NetworkInspectInfo): Made {
  const pools = (found.IPAM?.Config ?? []) as unknown as Record<string, unknown>[];
  return {
    id: found.Id,
    outputs: {
      name: found.Name,
      labels: labelSet(found.Labels),
      driver: found.Driver,
      internal: found.Internal,
      attachable: found.Attachable,
      ingress: found.Ingress,
      ipv6: found.EnableIPv6,
      ipamDriver: found.IPAM?.Driver ?? "default",
      ipamOptions: found.IPAM?.Options ?? {},
      options: found.Options ?? {},
      scope: found.Scope,
      ipamConfigs: pools.map((pool) => ({
        auxAddress: textMapOf((pool.AuxiliaryAddresses ?? {}) as Values),
        gateway: String(pool.Gateway ?? ""),
        ipRange: String(pool.IPRange ?? ""),
        subnet: String(pool.Subnet ?? ""),
      })),
    },
  };
}
