import { parseDuration } from "./duration.js";
import { bool, int, labels, list, map, matches, object, set, text, type Fields, type Value } from "./property.js";

const duration = (value: Value) =>
  typeof value === "string" && parseDuration(value) === undefined ? `'${value}' is not a valid duration` : undefined;
const span = () => text({ default: "0s", validate: duration });
const fixed = { forceNew: true };
const fixedRequired = { forceNew: true, required: true };

const healthcheck = object(
  {
    tests: list(),
    interval: span(),
    timeout: span(),
    startPeriod: span(),
    startInterval: span(),
    retries: int({ default: 0 }),
  },
  { computed: true },
);

const port = object({
  internal: int(fixedRequired),
  external: int({ forceNew: true, computed: true }),
  ip: text({ forceNew: true, default: "0.0.0.0" }),
  protocol: text({ forceNew: true, default: "tcp" }),
});

const volume = object({
  containerPath: text(fixed),
  fromContainer: text(fixed),
  hostPath: text({ forceNew: true, validate: matches(/^(\/|[A-Za-z]:)/) }),
  readOnly: bool(fixed),
  volumeName: text(fixed),
});

const mount = object({
  target: text({ required: true }),
  source: text(),
  type: text({ required: true, validate: matches(/^(bind|volume|tmpfs)$/) }),
  readOnly: bool(),
  tmpfsOptions: object({ sizeBytes: int(), mode: int() }),
});

const attachment = object({
  name: text(fixedRequired),
  aliases: set(fixed),
  ipv4Address: text(fixed),
  ipv6Address: text(fixed),
});

const upload = object({
  file: text(fixedRequired),
  content: text(fixed),
  contentBase64: text(fixed),
  source: text(fixed),
  sourceHash: text(fixed),
  executable: bool({ forceNew: true, default: false }),
  permissions: text({ forceNew: true, validate: matches(/^0[0-7]{3}$/) }),
});

/**
 * The inputs of docker:index/container:Container that are implemented. Note what is not `forceNew`: a change of it is
 * called an update and, but for the seven that the engine can change (see container.ts), does nothing to the container.
 */
export const containerFields: Fields = {
  attach: bool({ default: false }),
  capabilities: object({ adds: set(fixed), drops: set(fixed) }, { forceNew: true, set: true }),
  command: list({ forceNew: true, computed: true }),
  containerReadRefreshTimeoutMilliseconds: int({ default: 15000 }),
  cpuSet: text({ validate: matches(/^\d+([,-]\d+)*$/) }),
  cpuShares: int(),
  destroyGraceSeconds: int(),
  dns: set(fixed),
  entrypoints: list({ forceNew: true, computed: true }),
  envs: set({ forceNew: true, computed: true }),
  healthcheck,
  hostname: text({ forceNew: true, computed: true }),
  hosts: set({ forceNew: true, of: object({ host: text(fixedRequired), ip: text(fixedRequired) }) }),
  image: text(fixedRequired),
  init: bool({ computed: true }),
  labels: labels({ computed: true }),
  logDriver: text({ forceNew: true, computed: true }),
  logOpts: map(fixed),
  maxRetryCount: int(),
  memory: int(),
  memoryReservation: int({ default: 0 }),
  // Not computed: when only `memory` is set, the engine doubles it into this and every later preview wants it gone.
  memorySwap: int(),
  mounts: set({ of: mount, forceNew: true }),
  mustRun: bool({ default: true }),
  name: text(fixedRequired),
  networkMode: text({ forceNew: true, default: "bridge" }),
  networksAdvanced: set({ of: attachment, forceNew: true }),
  ports: list({ of: port, forceNew: true }),
  readOnly: bool({ forceNew: true, default: false }),
  removeVolumes: bool({ default: true }),
  restart: text({ default: "no", validate: matches(/^(no|on-failure|always|unless-stopped)$/) }),
  rm: bool({ default: false }),
  securityOpts: set({ forceNew: true, computed: true }),
  shmSize: int({ forceNew: true, computed: true }),
  start: bool({ default: true }),
  stopSignal: text({ forceNew: true, computed: true }),
  stopTimeout: int({ forceNew: true, computed: true }),
  tmpfs: map(),
  ulimits: set({
    forceNew: true,
    of: object({ name: text(fixedRequired), soft: int(fixedRequired), hard: int(fixedRequired) }),
  }),
  uploads: set({ of: upload, forceNew: true }),
  user: text({ forceNew: true, emptyKeepsOld: true }),
  volumes: set({ of: volume, forceNew: true }),
  wait: bool({ default: false }),
  waitTimeout: int({ default: 60 }),
  workingDir: text({ forceNew: true, emptyKeepsOld: true }),
};
