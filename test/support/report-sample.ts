import type { StackResource } from "../../cli/core/state";

/** When the sample's `up` began. */
export const STARTED = "2027-03-01T10:00:00.000Z";
const SEALED = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:xyz" };

/** Seconds after the beginning of the sample's `up`, as the engine writes a time. */
export function after(seconds: number): string {
  return new Date(Date.parse(STARTED) + seconds * 1_000).toISOString();
}

/** A resource of the sample; done `seconds` after the beginning. */
export function resource(type: string, name: string, rest: Partial<StackResource> = {}, seconds = 1): StackResource {
  const created = after(seconds);
  return { urn: `urn:pulumi:dev::infisical::${type}::${name}`, type, created, modified: created, ...rest };
}

export function dynamic(
  noun: string,
  name: string,
  rest: Partial<StackResource> = {},
  seconds?: number,
): StackResource {
  return resource(`pulumi-nodejs:dynamic/infisical:${noun}`, name, rest, seconds);
}

/** A stack on Docker with one project, two folders and two identities, as `pulumi stack export` has it. */
export function dockerStack(): StackResource[] {
  const container = (role: string, more: { [name: string]: unknown }, seconds: number): StackResource =>
    resource(
      "docker:index/container:Container",
      `server-${role}`,
      {
        inputs: {
          name: `infisical-dev-${role}-abc`,
          labels: [{ label: "infisical-pulumi.role", value: role }],
          envs: [SEALED],
          ...more,
        },
      },
      seconds,
    );
  const image = (role: string, name: string): StackResource =>
    resource("docker:index/remoteImage:RemoteImage", `server-${role}-image`, { inputs: { name } }, 2);
  const place = { projectId: "p1", environment: "dev" };
  return [
    resource("pulumi:pulumi:Stack", "infisical-dev", {
      outputs: { url: "http://localhost:8080", notices: ["a <b>notice</b>"], adminPassword: SEALED },
    }),
    resource("random:index/randomPassword:RandomPassword", "server-encryption-key", { outputs: { result: SEALED } }, 1),
    resource("docker:index/network:Network", "server-network", { inputs: { name: "infisical-dev-network-abc" } }, 2),
    resource("docker:index/volume:Volume", "server-postgres-data", { protect: true }, 2),
    image("infisical", "infisical/infisical:v0.159.22"),
    image("postgres", "postgres:15-alpine"),
    container("postgres", { volumes: [{ volumeName: "infisical-dev-postgres-data-abc" }], memory: 512 }, 6),
    container("infisical", { ports: [{ external: 8080, ip: "127.0.0.1" }], memory: 2048 }, 8),
    resource("command:local:Command", "server-ready", {}, 20),
    dynamic("Administrator", "administrator", {}, 22),
    dynamic(
      "Project",
      "my-rag",
      {
        id: "p1",
        inputs: {
          slug: "my-rag",
          environments: [
            { slug: "dev", name: "Development" },
            { slug: "prod", name: "Live" },
          ],
        },
      },
      23,
    ),
    dynamic("Folder", "a", { inputs: { ...place, parent: "/", name: "rag" } }, 24),
    dynamic("Folder", "b", { inputs: { ...place, parent: "/rag", name: "deep" } }, 24),
    dynamic("Secrets", "c", { inputs: { ...place, path: "/rag", values: { API_KEY: SEALED, MODEL: SEALED } } }, 25),
    ...identity("reader", "i1", { $eq: "/rag" }, ["describeSecret", "readValue"]),
    ...identity("writer", "i2", { $glob: "/rag/**" }, ["describeSecret", "readValue", "create", "edit", "delete"]),
  ];
}

function identity(
  name: string,
  id: string,
  secretPath: { [operator: string]: string },
  action: string[],
): StackResource[] {
  const permissions = [{ subject: "secrets", action, conditions: { environment: { $eq: "dev" }, secretPath } }];
  return [
    dynamic(
      "Identity",
      name,
      {
        id,
        inputs: { name, universalAuth: { accessTokenTTL: 7200 } },
        outputs: { clientId: `client-of-${name}` },
      },
      24,
    ),
    dynamic(
      "ClientSecret",
      `${name}-client-secret`,
      {
        id,
        outputs: { identityId: id, generation: 2, createdAt: STARTED, clientSecret: SEALED, retiring: [] },
      },
      25,
    ),
    dynamic(
      "ProjectAccess",
      `${name}-in-my-rag`,
      {
        inputs: { projectId: "p1", identityId: id, privileges: [{ slug: "stack-access", permissions }] },
      },
      26,
    ),
  ];
}
