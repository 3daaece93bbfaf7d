import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../config";
import { PROJECT_LABEL, ROLE_LABEL, STACK_LABEL } from "../labels";
import { readinessGate } from "./gate";
import { generatePassword, generateServerKeys, generateSuffix, type ServerKeys } from "./generated-keys";
import { imageName } from "./images";
import type { Server } from "./server";

type Role = "infisical" | "postgres" | "redis";

/** Port inside the container; the image's own default. */
const SERVER_PORT = 8080;
const REDIS_CONFIG = "/usr/local/etc/redis/redis.conf";

/**
 * Infisical with its Postgres and its Redis in Docker: a private network, a volume for each of the two, generated keys
 * and passwords, health checks, and a gate that is done when the API answers. Only the server's port is published.
 */
export class InfisicalServer extends pulumi.ComponentResource implements Server {
  readonly url: string;
  readonly ready: pulumi.Resource;
  readonly data: docker.Volume;

  private readonly child: pulumi.CustomResourceOptions;
  private readonly suffix: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    private readonly settings: Settings,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("infisical:index:InfisicalServer", name, {}, opts);
    this.url = settings.url;
    this.child = { parent: this, protect: settings["server.durable"], ...this.provider() };
    this.suffix = generateSuffix(`${name}-suffix`, this.child);

    const keys = generateServerKeys(name, this.child);
    const passwords = {
      postgres: generatePassword(`${name}-postgres-password`, this.child),
      redis: generatePassword(`${name}-redis-password`, this.child),
    };
    const network = new docker.Network(
      `${name}-network`,
      { name: this.named("network"), labels: this.labels("network") },
      this.child,
    );
    this.data = this.volume("postgres");
    const postgres = this.postgres(network, passwords.postgres);
    const redis = this.redis(network, passwords.redis);
    const server = this.server(network, keys, passwords, [postgres, redis]);

    this.ready = readinessGate(
      `${name}-ready`,
      {
        url: this.url,
        containers: [server.id, postgres.id, redis.id],
        timeout: settings["server.readyTimeout"],
        dockerHost: settings["server.dockerHost"],
      },
      { parent: this, dependsOn: [server] },
    );
    this.registerOutputs({ url: this.url });
  }

  private provider(): { provider?: docker.Provider } {
    const host = this.settings["server.dockerHost"];
    return host === undefined
      ? {}
      : { provider: new docker.Provider(`${this.name}-docker`, { host }, { parent: this }) };
  }

  /** `<project>-<stack>-<noun>-<suffix>`: a second stack of that name would share a volume in silence. */
  private named(noun: string): pulumi.Output<string> {
    return pulumi.interpolate`${this.settings.project}-${this.settings.stack}-${noun}-${this.suffix}`;
  }

  private labels(role: string): { label: string; value: string }[] {
    return [
      { label: PROJECT_LABEL, value: this.settings.project },
      { label: STACK_LABEL, value: this.settings.stack },
      { label: ROLE_LABEL, value: role },
    ];
  }

  private volume(role: Role): docker.Volume {
    const args = { name: this.named(`${role}-data`), labels: this.labels(`${role}-data`) };
    return new docker.Volume(`${this.name}-${role}-data`, args, this.child);
  }

  private postgres(network: docker.Network, password: pulumi.Output<string>): docker.Container {
    return this.container("postgres", network, {
      envs: ["POSTGRES_USER=infisical", "POSTGRES_DB=infisical", pulumi.interpolate`POSTGRES_PASSWORD=${password}`],
      volumes: [{ volumeName: this.data.name, containerPath: "/var/lib/postgresql/data" }],
      healthcheck: health(["CMD-SHELL", "pg_isready -U infisical -d infisical -h 127.0.0.1"]),
      capabilities: {
        drops: ["ALL"],
        adds: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_SETGID", "CAP_SETUID"],
      },
      shmSize: 128,
      wait: true,
      waitTimeout: 60,
    });
  }

  private redis(network: docker.Network, password: pulumi.Output<string>): docker.Container {
    const config = pulumi.interpolate`requirepass ${password}
maxmemory-policy noeviction
appendonly yes
dir /data
`;
    return this.container("redis", network, {
      command: ["redis-server", REDIS_CONFIG],
      uploads: [{ file: REDIS_CONFIG, content: config }],
      // For the health check; redis-cli takes it from here and not from its command line.
      envs: [pulumi.interpolate`REDISCLI_AUTH=${password}`],
      volumes: [{ volumeName: this.volume("redis").name, containerPath: "/data" }],
      healthcheck: health(["CMD-SHELL", "redis-cli ping | grep -q PONG"]),
      capabilities: { drops: ["ALL"], adds: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_SETGID", "CAP_SETUID"] },
      wait: true,
      waitTimeout: 60,
    });
  }

  private server(
    network: docker.Network,
    keys: ServerKeys,
    passwords: { postgres: pulumi.Output<string>; redis: pulumi.Output<string> },
    dependsOn: docker.Container[],
  ): docker.Container {
    const licence = this.settings["server.licenseKey"];
    const probe = `fetch("http://127.0.0.1:${SERVER_PORT}/api/status").then((r)=>process.exit(r.ok?0:1),()=>process.exit(1))`;
    const args: ContainerPart = {
      envs: [
        pulumi.interpolate`ENCRYPTION_KEY=${keys.encryptionKey}`,
        pulumi.interpolate`AUTH_SECRET=${keys.authSecret}`,
        pulumi.interpolate`DB_CONNECTION_URI=postgres://infisical:${passwords.postgres}@postgres:5432/infisical`,
        pulumi.interpolate`REDIS_URL=redis://:${passwords.redis}@redis:6379`,
        `SITE_URL=${this.settings.url}`,
        "HOST=0.0.0.0",
        `PORT=${SERVER_PORT}`,
        "HTTPS_ENABLED=false",
        "TELEMETRY_ENABLED=false",
        "ANNOUNCEMENTS_ENABLED=false",
        ...(licence === undefined ? [] : [pulumi.secret(`LICENSE_KEY=${licence}`)]),
      ],
      ports: [
        {
          internal: SERVER_PORT,
          external: this.settings["server.port"],
          ip: this.settings["server.bindAddress"],
          protocol: "tcp",
        },
      ],
      // The image has no health check of its own; node is sure to be in it.
      // Docker gives a duration back as it spells it: "120s" would differ after every refresh.
      healthcheck: { ...health(["CMD", "node", "-e", probe]), startPeriod: "2m0s" },
      capabilities: { drops: ["ALL"] },
      // The gate waits for it, and tells the story; a failed `wait` here would replace the container on the next run.
      wait: false,
    };
    return this.container("infisical", network, args, dependsOn);
  }

  private container(
    role: Role,
    network: docker.Network,
    part: ContainerPart,
    dependsOn: docker.Container[] = [],
  ): docker.Container {
    // A tag's image is removed with its last user by `keepLocally: false`, also when another stack still needs it.
    const image = new docker.RemoteImage(
      `${this.name}-${role}-image`,
      { name: imageName(this.settings, role), keepLocally: true },
      { ...this.child, protect: false },
    );
    const memory = this.settings[`memory.${role}`];
    return new docker.Container(
      `${this.name}-${role}`,
      {
        name: this.named(role),
        hostname: role,
        image: image.imageId,
        restart: "unless-stopped",
        networkMode: "bridge",
        networksAdvanced: [{ name: network.name, aliases: [role] }],
        labels: this.labels(role),
        memory,
        memorySwap: memory,
        securityOpts: ["no-new-privileges:true"],
        logDriver: "json-file",
        logOpts: { "max-size": "10m", "max-file": "3" },
        destroyGraceSeconds: 20,
        ...part,
      },
      // An edited health check is recorded and not applied by the plugin: only another container gets it.
      { ...this.child, dependsOn, replaceOnChanges: ["healthcheck"] },
    );
  }
}

type ContainerPart = Partial<docker.ContainerArgs>;

function health(tests: string[]): docker.ContainerArgs["healthcheck"] & object {
  return { tests, interval: "2s", timeout: "5s", retries: 15, startPeriod: "10s" };
}
