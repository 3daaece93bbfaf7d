import type { ContainerInspectInfo, HealthConfig, MountSettings, Ulimit } from "dockerode";
import { formatDuration } from "./duration.js";
import type { Value, Values } from "./property.js";
import { isEmpty } from "./diff.js";
import { textOf } from "./values.js";

const MIB = 1024 * 1024;
const mebibytes = (bytes: number | undefined) => (bytes && bytes > 0 ? Math.floor(bytes / MIB) : (bytes ?? 0));

/**
 * What the real provider reads back of a container. Environment, labels, volumes, networks and uploads are not among
 * it (it cannot tell the image's from the program's), so nobody's change of those is ever seen.
 */
export function readOutputs(found: ContainerInspectInfo, olds: Values): Values {
  return { ...olds, ...runOutputs(found, olds), ...configOutputs(found, olds), ...hostOutputs(found, olds) };
}

function runOutputs(found: ContainerInspectInfo, olds: Values): Values {
  const mustRun = olds.mustRun !== false;
  const running = found.State.Running;
  return {
    bridge: "Bridge" in found.NetworkSettings ? String(found.NetworkSettings.Bridge) : "",
    networkDatas: networkDatas(found),
    ...(mustRun && !isEmpty(olds.ports) ? { ports: publishedPorts(found) } : {}),
    ...(running ? {} : { exitCode: found.State.ExitCode, mustRun: false }),
  };
}

function configOutputs(found: ContainerInspectInfo, olds: Values): Values {
  const config = found.Config as typeof found.Config & { StopSignal?: string; StopTimeout?: number };
  const byId = textOf(olds.image)?.startsWith("sha256:") === true;
  return {
    name: found.Name.replace(/^\//, ""),
    image: byId ? found.Image : config.Image,
    hostname: config.Hostname,
    domainname: config.Domainname,
    command: [...(config.Cmd ?? [])],
    entrypoints: [config.Entrypoint ?? []].flat(),
    user: config.User,
    workingDir: config.WorkingDir,
    tty: config.Tty,
    stdinOpen: config.OpenStdin,
    stopSignal: config.StopSignal ?? "",
    stopTimeout: config.StopTimeout ?? 0,
    platform: found.Platform,
    ...(config.Healthcheck ? { healthcheck: healthcheck(config.Healthcheck) } : {}),
  };
}

function hostOutputs(found: ContainerInspectInfo, olds: Values): Values {
  const host = found.HostConfig;
  const adds = [...((host.CapAdd as string[] | null) ?? [])];
  const drops = [...((host.CapDrop as string[] | null) ?? [])];
  return {
    rm: host.AutoRemove ?? false,
    readOnly: host.ReadonlyRootfs ?? false,
    init: host.Init ?? false,
    privileged: host.Privileged ?? false,
    publishAllPorts: host.PublishAllPorts ?? false,
    restart: host.RestartPolicy?.Name ?? "no",
    maxRetryCount: host.RestartPolicy?.MaximumRetryCount ?? 0,
    dns: [...(host.Dns ?? [])],
    securityOpts: [...(host.SecurityOpt ?? [])],
    tmpfs: { ...(host.Tmpfs as Record<string, string> | null) },
    hosts: (host.ExtraHosts ?? []).map(hostEntry),
    mounts: (host.Mounts ?? []).map(mountEntry),
    memory: mebibytes(host.Memory),
    memoryReservation: mebibytes(host.MemoryReservation),
    memorySwap: mebibytes(host.MemorySwap),
    shmSize: mebibytes(host.ShmSize),
    cpuShares: host.CpuShares ?? 0,
    cpuSet: host.CpusetCpus ?? "",
    logDriver: host.LogConfig?.Type ?? "",
    logOpts: isEmpty(olds.logOpts) ? {} : { ...(host.LogConfig?.Config as Record<string, string>) },
    networkMode: host.NetworkMode ?? "",
    ipcMode: host.IpcMode ?? "",
    runtime: host.Runtime ?? "",
    usernsMode: host.UsernsMode ?? "",
    ...(adds.length + drops.length > 0 ? { capabilities: { adds, drops } } : {}),
    ...(isEmpty(olds.ulimits) ? {} : { ulimits: (host.Ulimits ?? []).map(ulimitEntry) }),
  };
}

function networkDatas(found: ContainerInspectInfo): Value[] {
  return Object.entries(found.NetworkSettings.Networks ?? {}).map(([networkName, data]) => ({
    networkName,
    ipAddress: data.IPAddress,
    ipPrefixLength: data.IPPrefixLen,
    gateway: data.Gateway,
    globalIpv6Address: data.GlobalIPv6Address,
    globalIpv6PrefixLength: data.GlobalIPv6PrefixLen,
    ipv6Gateway: data.IPv6Gateway,
    macAddress: data.MacAddress,
  }));
}

function publishedPorts(found: ContainerInspectInfo): Value[] {
  const entries = Object.entries(found.NetworkSettings.Ports ?? {});
  const ports = entries.flatMap(([key, bindings]) => {
    const [internal, protocol] = key.split("/");
    return ((bindings as { HostIp: string; HostPort: string }[] | null) ?? []).map((binding) => ({
      internal: Number(internal),
      external: Number(binding.HostPort),
      ip: binding.HostIp,
      protocol: protocol ?? "tcp",
    }));
  });
  return ports.sort((a, b) => a.internal - b.internal);
}

function healthcheck(health: HealthConfig): Value {
  return {
    tests: [...(health.Test ?? [])],
    interval: formatDuration(health.Interval ?? 0),
    timeout: formatDuration(health.Timeout ?? 0),
    startPeriod: formatDuration(health.StartPeriod ?? 0),
    startInterval: formatDuration(("StartInterval" in health ? Number(health.StartInterval) : 0) || 0),
    retries: health.Retries ?? 0,
  };
}

function hostEntry(entry: string): Value {
  const at = entry.indexOf(":");
  return { host: entry.slice(0, at), ip: entry.slice(at + 1) };
}

function ulimitEntry(limit: Ulimit): Value {
  return { name: limit.Name ?? "", soft: limit.Soft ?? 0, hard: limit.Hard ?? 0 };
}

function mountEntry(mount: MountSettings): Value {
  return { type: mount.Type, target: mount.Target, source: mount.Source, readOnly: mount.ReadOnly ?? false };
}
