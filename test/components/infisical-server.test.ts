import { beforeAll, describe, expect, it } from "vitest";
import { InfisicalServer } from "../../infra/components/infisical-server";
import { GENERATED, recordProgram, settingsFor, type ProgramRecord, type Registered } from "../support/program-record";

const CONTAINER = "docker:index/container:Container";
const VOLUME = "docker:index/volume:Volume";
const NETWORK = "docker:index/network:Network";
const KEYS = ["encryption-key", "auth-secret", "postgres-password", "redis-password"].map((name) => `server-${name}`);

interface Container {
  name: string;
  image: string;
  command?: string[];
  entrypoints?: string[];
  envs: string[];
  ports?: { internal: number; external: number; ip: string; protocol: string }[];
  labels: { label: string; value: string }[];
  healthcheck: { tests: string[]; startPeriod: string };
  capabilities: { drops: string[]; adds?: string[] };
  securityOpts: string[];
  memory: number;
  memorySwap: number;
  restart: string;
  logOpts: { [name: string]: string };
  networksAdvanced: { name: string; aliases: string[] }[];
  networkMode: string;
  wait: boolean;
}

async function server(config: { [key: string]: string } = {}, secretKeys: string[] = []): Promise<ProgramRecord> {
  return recordProgram(await settingsFor(config, secretKeys), (settings) => new InfisicalServer("server", settings));
}

function containerIn(record: ProgramRecord, role: string): Container {
  return record.one(`server-${role}`).inputs as unknown as Container;
}

const inDocker = ({ type }: Registered): boolean => [CONTAINER, VOLUME, NETWORK].includes(type);

let record: ProgramRecord;

beforeAll(async () => {
  record = await server();
});

describe("the server in Docker", () => {
  it("is three containers, two volumes, a network, three images, four keys, a suffix and a gate, below one component", () => {
    const names = (type: string): string[] => record.ofType(type).map(({ name }) => name);
    expect(names("infisical:index:InfisicalServer")).toEqual(["server"]);
    expect(names(CONTAINER).sort()).toEqual(["server-infisical", "server-postgres", "server-redis"]);
    expect(names(VOLUME).sort()).toEqual(["server-postgres-data", "server-redis-data"]);
    expect(names(NETWORK)).toEqual(["server-network"]);
    expect(names("docker:index/remoteImage:RemoteImage")).toHaveLength(3);
    expect(names("random:index/randomPassword:RandomPassword").sort()).toEqual([...KEYS].sort());
    expect(names("random:index/randomString:RandomString")).toEqual(["server-suffix"]);
    expect(names("command:local:Command")).toEqual(["server-ready"]);
    expect(record.resources).toHaveLength(16);
    const [component, ...children] = record.resources;
    expect(component?.parent).toBeUndefined();
    expect(new Set(children.map(({ parent }) => parent))).toEqual(new Set(["server"]));
  });

  it("publishes one port, on 127.0.0.1", () => {
    const ports = record.ofType(CONTAINER).flatMap(({ inputs }) => (inputs as unknown as Container).ports ?? []);
    expect(ports).toEqual([{ internal: 8080, external: 8080, ip: "127.0.0.1", protocol: "tcp" }]);
  });

  it("carries project, stack and a suffix of its own in every name, and project, stack and role in labels", () => {
    for (const { inputs } of record.resources.filter(inDocker)) {
      const { name, labels } = inputs as unknown as Container;
      expect(name).toMatch(/^infisical-dev-[a-z-]+-x7x7x7$/);
      expect(labels.map(({ label }) => label).slice(0, 3)).toEqual([
        "infisical-pulumi.project",
        "infisical-pulumi.stack",
        "infisical-pulumi.role",
      ]);
      expect(labels.map(({ value }) => value).slice(0, 2)).toEqual(["infisical", "dev"]);
    }
  });
});

describe("secrets of the server in Docker", () => {
  it("marks every secret in a container's environment and files as secret", () => {
    const given = record.ofType(CONTAINER).flatMap(({ inputs, secretPaths }) => {
      const { envs } = inputs as unknown as Container;
      return envs.map((text, index) => ({ text, secret: secretPaths.includes(`envs.${index}`) }));
    });
    const names = given.filter(({ secret }) => secret).map(({ text }) => text.slice(0, text.indexOf("=")));
    expect(names.sort()).toEqual([
      "AUTH_SECRET",
      "DB_CONNECTION_URI",
      "ENCRYPTION_KEY",
      "POSTGRES_PASSWORD",
      "REDISCLI_AUTH",
      "REDIS_URL",
    ]);
    expect(given.filter(({ text, secret }) => !secret && text.includes(GENERATED))).toEqual([]);
    expect(record.one("server-redis").secretPaths).toContain("uploads.0.content");
  });

  it("has no password on any command line, health check or label", () => {
    for (const { inputs } of record.ofType(CONTAINER)) {
      const { command, entrypoints, healthcheck, labels } = inputs as unknown as Container;
      expect(JSON.stringify({ command, entrypoints, healthcheck, labels })).not.toContain(GENERATED);
    }
    expect(JSON.stringify(record.one("server-ready").inputs)).not.toContain(GENERATED);
  });
});

describe("containers of the server in Docker", () => {
  it("checks the health of each container with a tool that is sure to be in it", () => {
    const tests = (role: string): string => containerIn(record, role).healthcheck.tests.join(" ");
    expect(tests("postgres")).toMatch(/^CMD-SHELL pg_isready -U infisical/);
    expect(tests("redis")).toMatch(/^CMD-SHELL redis-cli ping/);
    expect(tests("infisical")).toMatch(
      /^CMD node -e process\.exitCode=1;fetch\("http:\/\/127\.0\.0\.1:8080\/api\/status"\)/,
    );
    // Docker spells a duration its own way; another spelling differs after every refresh.
    expect(containerIn(record, "infisical").healthcheck.startPeriod).toBe("2m0s");
  });

  it("replaces a container whose health check changes, which the plugin would only pretend to do", () => {
    for (const { replaceOnChanges } of record.ofType(CONTAINER)) expect(replaceOnChanges).toEqual(["healthcheck"]);
  });

  it("starts the server after Postgres and Redis are healthy, and waits for it in the gate only", () => {
    expect(record.one("server-infisical").dependsOn).toEqual(
      expect.arrayContaining(["server-postgres", "server-redis"]),
    );
    expect(["postgres", "redis", "infisical"].map((role) => containerIn(record, role).wait)).toEqual([
      true,
      true,
      false,
    ]);
    expect(record.one("server-ready").dependsOn).toContain("server-infisical");
  });

  it("takes from each container what it does not need", () => {
    for (const { inputs } of record.ofType(CONTAINER)) {
      const container = inputs as unknown as Container;
      expect(container.capabilities.drops).toEqual(["ALL"]);
      // Without the prefix they differ after every refresh.
      for (const capability of container.capabilities.adds ?? []) expect(capability).toMatch(/^CAP_/);
      expect(container.securityOpts).toEqual(["no-new-privileges:true"]);
      expect(container.memorySwap).toBe(container.memory);
      expect(container.restart).toBe("unless-stopped");
      expect(container.logOpts).toEqual({ "max-size": "10m", "max-file": "3" });
    }
    expect(["infisical", "postgres", "redis"].map((role) => containerIn(record, role).memory)).toEqual([
      2048, 512, 256,
    ]);
    expect(containerIn(record, "infisical").capabilities.adds ?? []).toEqual([]);
  });

  it("keeps the containers to a network of their own, under the names that they call each other by", () => {
    for (const role of ["infisical", "postgres", "redis"]) {
      expect(containerIn(record, role).networksAdvanced).toEqual([
        { name: "infisical-dev-network-x7x7x7", aliases: [role] },
      ]);
    }
  });

  it("tells the server where its database and cache are, and not to phone home", () => {
    expect(containerIn(record, "infisical").envs).toEqual(
      expect.arrayContaining([
        `DB_CONNECTION_URI=postgres://infisical:${GENERATED}-server-postgres-password@postgres:5432/infisical`,
        `REDIS_URL=redis://:${GENERATED}-server-redis-password@redis:6379`,
        `AUTH_SECRET=${Buffer.from(`${GENERATED}-server-auth-secret`).toString("base64")}`,
        "SITE_URL=http://localhost:8080",
        "TELEMETRY_ENABLED=false",
      ]),
    );
  });

  it("has a Redis that loses nothing: its password from a file, no eviction, appending", () => {
    const { uploads, command } = record.one("server-redis").inputs as {
      uploads: { file: string; content: string }[];
      command: string[];
    };
    expect(command).toEqual(["redis-server", uploads[0]?.file]);
    expect(uploads[0]?.content.split("\n")).toEqual(
      expect.arrayContaining([
        `requirepass ${GENERATED}-server-redis-password`,
        "maxmemory-policy noeviction",
        "appendonly yes",
      ]),
    );
  });
});

describe("what the server in Docker leaves behind", () => {
  it("freezes what it generates: 32 hex digits, 32 random bytes, passwords that fit into an address", () => {
    for (const name of [...KEYS, "server-suffix"]) expect(record.one(name).ignoreChanges).toEqual(["*"]);
    expect(record.one("server-encryption-key").inputs).toMatchObject({
      length: 32,
      overrideSpecial: "0123456789abcdef",
      lower: false,
      upper: false,
      numeric: false,
      special: true,
    });
    for (const name of KEYS.slice(1)) expect(record.one(name).inputs).toMatchObject({ length: 32, special: false });
  });

  it("is disposable: nothing is protected", () => {
    expect(record.resources.filter(({ protect }) => protect)).toEqual([]);
  });

  it("never removes an image, which another stack may need", () => {
    for (const { inputs } of record.ofType("docker:index/remoteImage:RemoteImage")) {
      expect(inputs).toMatchObject({ keepLocally: true });
    }
  });

  it("gates on the containers, with live lines, no secret, and none of the CLI's", () => {
    const { inputs } = record.one("server-ready");
    expect(inputs).toMatchObject({
      triggers: ["id-of-server-infisical", "id-of-server-postgres", "id-of-server-redis"],
      environment: {
        GATE_URL: "http://localhost:8080",
        GATE_TIMEOUT: "300",
        PULUMI_CONFIG_PASSPHRASE: "",
        PULUMI_CONFIG_PASSPHRASE_FILE: "",
        PULUMI_CONFIG: "",
      },
    });
    expect(inputs).not.toHaveProperty("update");
    expect(inputs).not.toHaveProperty("logging");
  });
});

describe("the server in Docker by configuration", () => {
  it("that is durable protects keys, volumes, containers and network together", async () => {
    const record = await server({ "server.durable": "true" });
    const kept = record.resources.filter(({ protect }) => protect).map(({ name }) => name);
    const all = record.resources.filter((resource) => inDocker(resource) || resource.type.startsWith("random:"));
    expect(kept.sort()).toEqual(all.map(({ name }) => name).sort());
  });

  it("takes its images, limits and port from there", async () => {
    const record = await server({
      "image.mirror": "mirror.local:5000/x",
      "image.redis": "redis:7.2",
      "memory.infisical": "3072",
      "server.port": "9090",
      "server.bindAddress": "0.0.0.0",
    });
    expect(record.one("server-redis-image").inputs.name).toBe("mirror.local:5000/x/redis:7.2");
    expect(record.one("server-postgres-image").inputs.name).toBe("mirror.local:5000/x/postgres:15-alpine");
    expect(containerIn(record, "infisical")).toMatchObject({
      memory: 3072,
      ports: [{ internal: 8080, external: 9090, ip: "0.0.0.0" }],
    });
    expect(containerIn(record, "infisical").envs).toContain("SITE_URL=http://localhost:9090");
  });

  it("gives a licence key to the server, as a secret", async () => {
    const record = await server({ "server.licenseKey": "s3cret-licence" }, ["server.licenseKey"]);
    const index = containerIn(record, "infisical").envs.indexOf("LICENSE_KEY=s3cret-licence");
    expect(index).toBeGreaterThan(0);
    expect(record.one("server-infisical").secretPaths).toContain(`envs.${index}`);
  });

  it("on another host goes there with everything of Docker's, and with nothing else", async () => {
    const record = await server({ "server.dockerHost": "ssh://user@host" });
    expect(record.one("server-docker").inputs).toEqual({ host: "ssh://user@host" });
    const there = record.resources.filter(({ provider }) => provider === "server-docker").map(({ type }) => type);
    expect(there).toHaveLength(9);
    expect(there.filter((type) => !type.startsWith("docker:"))).toEqual([]);
    expect(record.one("server-ready").inputs.environment).toMatchObject({ GATE_DOCKER_HOST: "ssh://user@host" });
  });

  it("of two stacks shares no name", async () => {
    const names = async (stack: string): Promise<unknown[]> => {
      const settings = await settingsFor({}, [], stack);
      const record = await recordProgram(settings, () => new InfisicalServer("server", settings));
      return record.resources.filter(inDocker).map(({ inputs }) => inputs.name);
    };
    const [dev, prod] = [await names("dev"), await names("prod")];
    expect(dev).toHaveLength(6);
    expect(dev.filter((name) => prod.includes(name))).toEqual([]);
  });
});
