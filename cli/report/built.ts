import { z } from "zod";
import { ROLE_LABEL } from "../../infra/labels";
import type { StackResource } from "../core/state";

/** A container with what is worth knowing of it. */
export interface BuiltContainer {
  role: string;
  name: string;
  image: string;
  /** `127.0.0.1:8080`, when its port is published. */
  published: string | undefined;
  volume: string | undefined;
  /** MiB. */
  memory: number | undefined;
}

/** What serves the API. */
export type BuiltServer =
  | { kind: "docker"; network: string; containers: BuiltContainer[]; durable: boolean }
  | { kind: "sandbox"; port: number; folder: string }
  | { kind: "external" };

export interface BuiltFolder {
  path: string;
  /** Names only. */
  keys: string[];
}

export interface BuiltProject {
  id: string;
  slug: string;
  environments: { slug: string; name: string; folders: BuiltFolder[] }[];
}

/** One environment of one project; `path` ends in `/**` when everything below is meant. */
export interface BuiltGrant {
  project: string;
  environment: string;
  path: string;
  actions: ("read" | "write")[];
  /** ISO time at which it ends. */
  until: string | undefined;
}

export interface BuiltIdentity {
  name: string;
  clientId: string;
  /** Seconds. */
  tokenTtl: number | undefined;
  grants: BuiltGrant[];
}

/** What the last `up` built, as the stack's state has it. Secrets are encrypted there, and none is read. */
export interface Built {
  url: string;
  notices: string[];
  server: BuiltServer;
  projects: BuiltProject[];
  identities: BuiltIdentity[];
}

export function builtFrom(resources: StackResource[]): Built {
  const outputs = z
    .object({ url: z.string().default(""), notices: z.array(z.string()).default([]) })
    .catch({ url: "", notices: [] })
    .parse(resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {});
  const projects = projectsIn(resources);
  return { ...outputs, server: serverIn(resources), projects, identities: identitiesIn(resources, projects) };
}

function serverIn(resources: StackResource[]): BuiltServer {
  const sandbox = each(resources, isDynamic("SandboxServer"), z.object({ port: z.number(), dataFolder: z.string() }));
  if (sandbox[0] !== undefined)
    return { kind: "sandbox", port: sandbox[0].inputs.port, folder: sandbox[0].inputs.dataFolder };
  const containers = containersIn(resources);
  if (containers.length === 0) return { kind: "external" };
  const isNetwork = (type: string): boolean => type.startsWith("docker:") && type.endsWith(":Network");
  const [network] = each(resources, isNetwork, z.object({ name: z.string() }));
  return {
    kind: "docker",
    network: network?.inputs.name ?? "",
    containers,
    durable: resources.some(({ type, protect }) => type.endsWith(":Volume") && protect === true),
  };
}

const containerInputs = z.object({
  name: z.string(),
  memory: z.number().optional(),
  labels: z.array(z.object({ label: z.string(), value: z.string() })).default([]),
  ports: z.array(z.object({ external: z.number().optional(), ip: z.string().optional() })).default([]),
  volumes: z.array(z.object({ volumeName: z.string().optional() })).default([]),
});

function containersIn(resources: StackResource[]): BuiltContainer[] {
  const images = each(resources, (type) => type.endsWith(":RemoteImage"), z.object({ name: z.string() }));
  const isContainer = (type: string): boolean => type.startsWith("docker:") && type.endsWith(":Container");
  return each(resources, isContainer, containerInputs).map(({ inputs }) => {
    const role = inputs.labels.find(({ label }) => label === ROLE_LABEL)?.value ?? "";
    const port = inputs.ports.find(({ external }) => external !== undefined);
    return {
      role,
      name: inputs.name,
      image: images.find(({ urn }) => urn.endsWith(`-${role}-image`))?.inputs.name ?? "",
      published: port === undefined ? undefined : `${port.ip ?? "0.0.0.0"}:${port.external}`,
      volume: inputs.volumes.find(({ volumeName }) => volumeName !== undefined)?.volumeName,
      memory: inputs.memory,
    };
  });
}

const inFolder = { projectId: z.string(), environment: z.string() };

function projectsIn(resources: StackResource[]): BuiltProject[] {
  const folders = each(
    resources,
    isDynamic("Folder"),
    z.object({ ...inFolder, parent: z.string(), name: z.string() }),
  ).map(({ inputs }) => ({ ...inputs, path: `${inputs.parent === "/" ? "" : inputs.parent}/${inputs.name}` }));
  const secrets = each(
    resources,
    isDynamic("Secrets"),
    z.object({ ...inFolder, path: z.string(), values: z.record(z.string(), z.unknown()) }),
  ).map(({ inputs }) => inputs);
  const project = z.object({
    slug: z.string(),
    environments: z.array(z.object({ slug: z.string(), name: z.string() })),
  });
  return each(resources, isDynamic("Project"), project).map(({ id, inputs }) => ({
    id,
    slug: inputs.slug,
    environments: inputs.environments.map(({ slug, name }) => {
      const here = (one: { projectId: string; environment: string }): boolean =>
        one.projectId === id && one.environment === slug;
      const keys = new Map(secrets.filter(here).map((one) => [one.path, Object.keys(one.values)]));
      const paths = [...new Set([...folders.filter(here).map(({ path }) => path), ...keys.keys()])].sort();
      return { slug, name, folders: paths.map((path) => ({ path, keys: keys.get(path) ?? [] })) };
    }),
  }));
}

const access = z.object({
  projectId: z.string(),
  identityId: z.string(),
  privileges: z.array(
    z.object({
      endsAt: z.string().optional(),
      permissions: z.array(
        z.object({ action: z.array(z.string()), conditions: z.record(z.string(), z.record(z.string(), z.string())) }),
      ),
    }),
  ),
});

function identitiesIn(resources: StackResource[], projects: BuiltProject[]): BuiltIdentity[] {
  const accesses = each(resources, isDynamic("ProjectAccess"), access).map(({ inputs }) => inputs);
  const identity = z.object({
    name: z.string(),
    universalAuth: z.object({ accessTokenTTL: z.number().optional() }).optional(),
  });
  return each(resources, isDynamic("Identity"), identity).map(({ id, inputs, outputs }) => ({
    name: inputs.name,
    clientId: typeof outputs.clientId === "string" ? outputs.clientId : "",
    tokenTtl: inputs.universalAuth?.accessTokenTTL,
    grants: accesses.filter(({ identityId }) => identityId === id).flatMap((one) => grantsOf(one, projects)),
  }));
}

function grantsOf({ projectId, privileges }: z.output<typeof access>, projects: BuiltProject[]): BuiltGrant[] {
  const project = projects.find(({ id }) => id === projectId)?.slug ?? projectId;
  return privileges.flatMap(({ permissions, endsAt }) =>
    permissions.map(({ action, conditions }) => ({
      project,
      environment: Object.values(conditions.environment ?? {})[0] ?? "",
      path: Object.values(conditions.secretPath ?? {})[0] ?? "",
      actions: [
        ...(action.includes("readValue") ? ["read" as const] : []),
        ...(action.includes("edit") ? ["write" as const] : []),
      ],
      until: endsAt,
    })),
  );
}

interface Found<T> {
  urn: string;
  id: string;
  inputs: T;
  outputs: { [name: string]: unknown };
}

/** Resources of one kind; one whose inputs are of another form (an older program made it) is passed over. */
function each<T>(resources: StackResource[], is: (type: string) => boolean, schema: z.ZodType<T>): Found<T>[] {
  return resources
    .filter(({ type }) => is(type))
    .flatMap(({ urn, id = "", inputs, outputs = {} }) => {
      const parsed = schema.safeParse(inputs);
      return parsed.success ? [{ urn, id, inputs: parsed.data, outputs }] : [];
    });
}

function isDynamic(noun: string): (type: string) => boolean {
  return (type) => type === `pulumi-nodejs:dynamic/infisical:${noun}`;
}
