import { readFile } from "node:fs/promises";
import type Docker from "dockerode";
import { daemonError } from "./engine.js";
import { parseDuration } from "./duration.js";
import { isRecord, type Value, type Values } from "./property.js";
import { oneFileTar } from "./tar.js";
import { labelMap, numberOf, recordsOf, textMapOf, textOf, textsOf } from "./values.js";

const MIB = 1024 * 1024;

/** Mebibytes to bytes; -1 (no limit) stays. */
export const bytes = (mebibytes: Value): number | undefined => {
  const count = numberOf(mebibytes);
  return count === undefined || count < 0 ? count : count * MIB;
};

/** The engine's request for a container. */
export function creation(inputs: Values): Docker.ContainerCreateOptions {
  const ports = portBindings(inputs.ports);
  const check = healthcheck(inputs.healthcheck);
  return {
    name: String(inputs.name),
    Image: String(inputs.image),
    Hostname: textOf(inputs.hostname),
    User: textOf(inputs.user),
    WorkingDir: textOf(inputs.workingDir),
    Env: textsOf(inputs.envs),
    Labels: labelMap(inputs.labels),
    StopSignal: textOf(inputs.stopSignal),
    StopTimeout: numberOf(inputs.stopTimeout),
    Volumes: anonymousVolumes(inputs.volumes),
    ExposedPorts: Object.fromEntries(Object.keys(ports).map((key) => [key, {}])),
    HostConfig: { ...hostConfig(inputs), PortBindings: ports },
    ...(textsOf(inputs.command).length > 0 ? { Cmd: textsOf(inputs.command) } : {}),
    ...(textsOf(inputs.entrypoints).length > 0 ? { Entrypoint: textsOf(inputs.entrypoints) } : {}),
    ...(check ? { Healthcheck: check } : {}),
  } as Docker.ContainerCreateOptions;
}

function hostConfig(inputs: Values): Docker.HostConfig {
  const capabilities = isRecord(inputs.capabilities) ? inputs.capabilities : {};
  const sharers = recordsOf(inputs.volumes).flatMap((volume) => textOf(volume.fromContainer) ?? []);
  return {
    AutoRemove: inputs.rm === true,
    ReadonlyRootfs: inputs.readOnly === true,
    Init: inputs.init === true,
    NetworkMode: textOf(inputs.networkMode),
    RestartPolicy: { Name: String(inputs.restart ?? "no"), MaximumRetryCount: numberOf(inputs.maxRetryCount) ?? 0 },
    LogConfig: { Type: textOf(inputs.logDriver) ?? "", Config: textMapOf(inputs.logOpts) },
    CapAdd: canonicalCapabilities(capabilities.adds),
    CapDrop: canonicalCapabilities(capabilities.drops),
    SecurityOpt: textsOf(inputs.securityOpts),
    Tmpfs: textMapOf(inputs.tmpfs),
    Dns: textsOf(inputs.dns),
    ExtraHosts: recordsOf(inputs.hosts).map((entry) => `${String(entry.host)}:${String(entry.ip)}`),
    Binds: binds(inputs.volumes),
    ...(sharers.length > 0 ? { VolumesFrom: sharers } : {}),
    Mounts: recordsOf(inputs.mounts).map(mountOf),
    Memory: bytes(inputs.memory),
    MemoryReservation: bytes(inputs.memoryReservation),
    MemorySwap: bytes(inputs.memorySwap),
    ShmSize: bytes(inputs.shmSize),
    CpuShares: numberOf(inputs.cpuShares),
    CpusetCpus: textOf(inputs.cpuSet),
    Ulimits: recordsOf(inputs.ulimits).map((each) => ({
      Name: String(each.name),
      Soft: Number(each.soft),
      Hard: Number(each.hard),
    })),
  } as Docker.HostConfig;
}

/** As Docker's own client sends them: with their prefix, sorted. The state keeps the program's spelling until a refresh. */
function canonicalCapabilities(names: Value): string[] {
  const upper = textsOf(names).map((name) => name.toUpperCase());
  return [...new Set(upper.map((name) => (name === "ALL" || name.startsWith("CAP_") ? name : `CAP_${name}`)))].sort();
}

function portBindings(ports: Value): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of recordsOf(ports)) {
    const key = `${String(port.internal)}/${String(port.protocol ?? "tcp")}`;
    const external = numberOf(port.external);
    (bindings[key] ??= []).push({ HostIp: textOf(port.ip) ?? "0.0.0.0", HostPort: external ? String(external) : "0" });
  }
  return bindings;
}

/** A volume with neither name nor host path is an anonymous one. */
function anonymousVolumes(volumes: Value): Record<string, object> {
  const anonymous = recordsOf(volumes).filter((volume) => !textOf(volume.volumeName) && !textOf(volume.hostPath));
  return Object.fromEntries(
    anonymous.flatMap(({ containerPath }) => (textOf(containerPath) ? [[containerPath, {}]] : [])),
  );
}

function binds(volumes: Value): string[] {
  return recordsOf(volumes).flatMap((volume) => {
    const source = textOf(volume.volumeName) ?? textOf(volume.hostPath);
    const mode = volume.readOnly === true ? "ro" : "rw";
    return source && textOf(volume.containerPath) ? [`${source}:${String(volume.containerPath)}:${mode}`] : [];
  });
}

function mountOf(mount: Values): Docker.MountSettings {
  const options = isRecord(mount.tmpfsOptions) ? mount.tmpfsOptions : undefined;
  return {
    Type: mount.type as "bind" | "volume" | "tmpfs",
    Target: String(mount.target),
    Source: textOf(mount.source) ?? "",
    ReadOnly: mount.readOnly === true,
    ...(options
      ? { TmpfsOptions: { SizeBytes: Number(options.sizeBytes ?? 0), Mode: Number(options.mode ?? 0) } }
      : {}),
  };
}

function healthcheck(value: Value): object | undefined {
  if (!isRecord(value)) return undefined;
  const nanoseconds = (text: Value) => parseDuration(textOf(text) ?? "0s") ?? 0;
  return {
    Test: textsOf(value.tests),
    Interval: nanoseconds(value.interval),
    Timeout: nanoseconds(value.timeout),
    StartPeriod: nanoseconds(value.startPeriod),
    StartInterval: nanoseconds(value.startInterval),
    Retries: numberOf(value.retries) ?? 0,
  };
}

/** Joins the networks that the program names, and leaves the default one. */
export async function joinNetworks(docker: Docker, container: Docker.Container, inputs: Values): Promise<void> {
  const wanted = recordsOf(inputs.networksAdvanced);
  if (wanted.length === 0) return;
  await docker
    .getNetwork("bridge")
    .disconnect({ Container: container.id })
    .catch((error: unknown) => {
      if (daemonError(error).includes("is not connected to")) return;
      throw new Error(`Unable to disconnect the default network: ${daemonError(error)}`);
    });
  for (const network of wanted) {
    const addresses = {
      ...(textOf(network.ipv4Address) ? { IPv4Address: textOf(network.ipv4Address) } : {}),
      ...(textOf(network.ipv6Address) ? { IPv6Address: textOf(network.ipv6Address) } : {}),
    };
    await docker
      .getNetwork(String(network.name))
      .connect({
        Container: container.id,
        EndpointConfig: { Aliases: textsOf(network.aliases), IPAMConfig: addresses },
      })
      .catch((error: unknown) => {
        throw new Error(`Unable to connect to network '${String(network.name)}': ${daemonError(error)}`);
      });
  }
}

/** Writes the uploaded files into the container, before it starts. */
export async function uploadFiles(container: Docker.Container, inputs: Values): Promise<void> {
  for (const upload of recordsOf(inputs.uploads)) {
    const content = await contentOf(upload);
    const permissions = textOf(upload.permissions);
    const mode = permissions ? Number.parseInt(permissions, 8) : upload.executable === true ? 0o744 : 0o644;
    const archive = oneFileTar(String(upload.file).replace(/^\/+/, ""), content, mode);
    await container.putArchive(archive, { path: "/" }).catch((error: unknown) => {
      throw new Error(`Unable to upload volume content: ${daemonError(error)}`);
    });
  }
}

async function contentOf(upload: Values): Promise<Buffer> {
  const given = ["content", "contentBase64", "source"].filter((name) => textOf(upload[name]) !== undefined);
  if (given.length === 0)
    throw new Error("error with upload content: one of 'content', 'content_base64', or 'source' must be set");
  if (given.length > 1)
    throw new Error("error with upload content: only one of 'content', 'content_base64', or 'source' can be set");
  if (textOf(upload.content)) return Buffer.from(String(upload.content));
  if (textOf(upload.contentBase64)) return Buffer.from(String(upload.contentBase64), "base64");
  return readFile(String(upload.source)).catch((error: unknown) => {
    throw new Error(`could not read file: ${error instanceof Error ? error.message : String(error)}`);
  });
}
