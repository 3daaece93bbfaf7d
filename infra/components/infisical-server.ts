import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../config";
import { fingerprintOf } from "../key-fingerprint";
import { EXPIRES_LABEL, FINGERPRINT_LABEL, PROJECT_LABEL, ROLE_LABEL, STACK_LABEL } from "../labels";
import { frontDoor, published } from "./front-door";
import { readinessGate } from "./gate";
import { generatePassword, generateServerKeys, generateSuffix, type ServerKeys } from "./generated-keys";
import { imageName } from "./images";
import { memoryOf } from "./memory";
import { postgresPassword } from "./postgres-password";
import type { Server } from "./server";
import { authoritiesOf, CA_FILE, serverEnvironment } from "./server-environment";

type Role = "infisical" | "postgres" | "redis";

/** Where Postgres and Redis are, as the server is told. */
interface Databases {
  postgres: pulumi.Input<string>;
  redis: pulumi.Input<string>;
}

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
  /** Nothing with a Postgres of somebody's own: what is in it is deleted one by one, while the server still runs. */
  readonly data?: docker.Volume;

  private readonly child: pulumi.CustomResourceOptions;
  /** The same for what is in Docker: another plugin must not be given Docker's provider. */
  private readonly inDocker: pulumi.CustomResourceOptions;
  private readonly suffix: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    private readonly settings: Settings,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("infisical:index:InfisicalServer", name, {}, opts);
    this.url = settings.url;
    this.child = { parent: this, protect: settings["server.durable"] };
    this.inDocker = { ...this.child, ...this.provider() };
    this.suffix = generateSuffix(`${name}-suffix`, this.child);

    const keys = generateServerKeys(name, this.child);
    const network = this.network();
    const postgres = this.postgres(network, keys);
    const redis = this.redis(network);
    if (postgres.volume !== undefined) this.data = postgres.volume;
    const containers = [postgres.container, redis.container].filter((container) => container !== undefined);
    const before = postgres.ready === undefined ? containers : [...containers, postgres.ready];
    const server = this.server(network, keys, { postgres: postgres.uri, redis: redis.uri }, before);
    const door = this.hasFrontDoor ? this.frontDoor(network, server) : [];

    this.ready = readinessGate(
      `${name}-ready`,
      {
        url: this.url,
        containers: [server, ...containers, ...door].map(({ id }) => id),
        timeout: settings["server.readyTimeout"],
        dockerHost: settings["server.dockerHost"],
      },
      { parent: this, dependsOn: [server, ...door] },
    );
    this.registerOutputs({ url: this.url, durable: settings["server.durable"] });
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

  /** A server without a way out has no port of its own, and HTTPS is not spoken by the server itself. */
  private get hasFrontDoor(): boolean {
    return !this.settings["server.egress"] || this.settings["tls.mode"] === "own";
  }

  /**
   * The network of server, Postgres and Redis. From an internal one nothing gets out, and no port can be published: so it
   * has a front door, which is on a second network. Other names: a network cannot be changed, only be another one.
   */
  private network(): docker.Network {
    const [noun, internal] = this.settings["server.egress"] ? ["network", {}] : ["inner", { internal: true }];
    const args = { name: this.named(noun), labels: this.labels(noun), ...internal };
    return new docker.Network(`${this.name}-${noun}`, args, this.inDocker);
  }

  private frontDoor(inner: docker.Network, server: docker.Container): docker.Container[] {
    const { settings } = this;
    const outer = settings["server.egress"]
      ? []
      : [
          new docker.Network(
            `${this.name}-door`,
            {
              name: this.named("door"),
              labels: this.labels("door"),
              // No barrier, a neighbour with a way back does answer; but most have none. The front door has no secret of the server.
              options: { "com.docker.network.bridge.enable_ip_masquerade": "false" },
            },
            this.inDocker,
          ),
        ];
    const networks = [...outer, inner].map(({ name }) => ({ name, aliases: ["front"] }));
    return [
      this.container("front", inner, { ...frontDoor(settings, SERVER_PORT), networksAdvanced: networks }, [server]),
    ];
  }

  private labels(role: string): { label: string; value: string }[] {
    return [
      { label: PROJECT_LABEL, value: this.settings.project },
      { label: STACK_LABEL, value: this.settings.stack },
      { label: ROLE_LABEL, value: role },
      ...(this.expires === undefined ? [] : [{ label: EXPIRES_LABEL, value: this.expires }]),
    ];
  }

  private get expires(): string | undefined {
    return this.settings["server.expires"];
  }

  private volume(role: Role, more: docker.types.input.VolumeLabel[] = []): docker.Volume {
    // In memory; it is a volume all the same, so that everything else about it stays as it is.
    const inMemory = { driver: "local", driverOpts: { type: "tmpfs", device: "tmpfs", o: "size=512m" } };
    const args = {
      name: this.named(`${role}-data`),
      labels: [...this.labels(`${role}-data`), ...more],
      ...(this.expires === undefined ? {} : inMemory),
    };
    // Another label would be another volume, and the data would be gone with the one before.
    return new docker.Volume(`${this.name}-${role}-data`, args, { ...this.inDocker, ignoreChanges: ["labels"] });
  }

  private postgres(network: docker.Network, keys: ServerKeys): Database {
    const own = this.settings["postgres.uri"];
    if (own !== undefined) return { uri: pulumi.secret(own) };
    const generation = this.settings["postgres.generation"];
    const password = generatePassword(`${this.name}-postgres-password`, this.child, generation);
    const fingerprint = pulumi.unsecret(keys.encryptionKey.apply(fingerprintOf));
    const volume = this.volume("postgres", [{ label: FINGERPRINT_LABEL, value: fingerprint }]);
    const container = this.container("postgres", network, {
      envs: ["POSTGRES_USER=infisical", "POSTGRES_DB=infisical", pulumi.interpolate`POSTGRES_PASSWORD=${password}`],
      volumes: [{ volumeName: volume.name, containerPath: "/var/lib/postgresql/data" }],
      healthcheck: health(["CMD-SHELL", "pg_isready -U infisical -d infisical -h 127.0.0.1"]),
      capabilities: {
        drops: ["ALL"],
        adds: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_SETGID", "CAP_SETUID"],
      },
      shmSize: 128,
      wait: true,
      waitTimeout: 60,
    });
    const uri = pulumi.interpolate`postgres://infisical:${password}@postgres:5432/infisical`;
    if (generation === 1) return { uri, container, volume };
    // The data was made with another one, unless it is new.
    const dockerHost = this.settings["server.dockerHost"];
    const args = { container: container.id, password, dockerHost };
    const role = postgresPassword(`${this.name}-postgres-role`, args, { parent: this, dependsOn: [container] });
    return { uri, container, volume, ready: role };
  }

  private redis(network: docker.Network): Database {
    const own = this.settings["redis.uri"];
    if (own !== undefined) return { uri: pulumi.secret(own) };
    const password = generatePassword(`${this.name}-redis-password`, this.child, this.settings["redis.generation"]);
    const config = pulumi.interpolate`requirepass ${password}
maxmemory-policy noeviction
appendonly yes
dir /data
`;
    const container = this.container("redis", network, {
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
    return { uri: pulumi.interpolate`redis://:${password}@redis:6379`, container };
  }

  private server(
    network: docker.Network,
    keys: ServerKeys,
    databases: Databases,
    dependsOn: pulumi.Resource[],
  ): docker.Container {
    const authorities = authoritiesOf(this.settings);
    // Where the other side hangs up, Node 20 ends in the middle of a fetch: not with 0 then.
    const probe = `process.exitCode=1;fetch("http://127.0.0.1:${SERVER_PORT}/api/status").then((r)=>process.exit(r.ok?0:1),()=>process.exit(1))`;
    const args: ContainerPart = {
      envs: [
        pulumi.interpolate`ENCRYPTION_KEY=${keys.encryptionKey}`,
        pulumi.interpolate`AUTH_SECRET=${keys.authSecret}`,
        pulumi.interpolate`DB_CONNECTION_URI=${databases.postgres}`,
        pulumi.interpolate`REDIS_URL=${databases.redis}`,
        "HOST=0.0.0.0",
        `PORT=${SERVER_PORT}`,
        ...serverEnvironment(this.settings, this.hasFrontDoor),
      ],
      ...(this.hasFrontDoor ? {} : { ports: [published(this.settings, SERVER_PORT)] }),
      ...(authorities === undefined ? {} : { uploads: [{ file: CA_FILE, content: authorities }] }),
      ...(this.settings["server.readOnlyRoot"] ? READ_ONLY_ROOT : {}),
      // The image has no health check of its own; node is sure to be in it.
      // Docker gives a duration back as it spells it: "120s" would differ after every refresh.
      // It starts a Node each time, so not often: the gate does not wait for it.
      healthcheck: { ...health(["CMD", "node", "-e", probe]), interval: "15s", startPeriod: "2m0s" },
      capabilities: { drops: ["ALL"] },
      // The gate waits for it, and tells the story; a failed `wait` here would replace the container on the next run.
      wait: false,
    };
    return this.container("infisical", network, args, dependsOn);
  }

  private container(
    role: Role | "front",
    network: docker.Network,
    part: ContainerPart,
    dependsOn: pulumi.Resource[] = [],
  ): docker.Container {
    // A tag's image is removed with its last user by `keepLocally: false`, also when another stack still needs it.
    const image = new docker.RemoteImage(
      `${this.name}-${role}-image`,
      { name: imageName(this.settings, role === "front" ? "infisical" : role), keepLocally: true },
      { ...this.inDocker, protect: false },
    );
    const memory = role === "front" ? FRONT_MEMORY : memoryOf(this.settings, role);
    return new docker.Container(
      `${this.name}-${role}`,
      {
        name: this.named(role),
        hostname: role,
        image: image.imageId,
        // What was in memory only is gone after a stop: such a stack must not come back empty.
        restart: this.expires === undefined ? "unless-stopped" : "no",
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
      { ...this.inDocker, dependsOn, replaceOnChanges: ["healthcheck"] },
    );
  }
}

type ContainerPart = Partial<docker.ContainerArgs>;

/** Where a database is, and what it is made of when it is ours. */
interface Database {
  uri: pulumi.Input<string>;
  container?: docker.Container;
  volume?: docker.Volume;
  /** Done when its password holds, where that has to be seen to. */
  ready?: pulumi.Resource;
}

/** MiB; it keeps nothing. */
const FRONT_MEMORY = 160;

/**
 * The server's start-up script writes into its certificates and its web page. A volume without a name begins with what the
 * image has there, its owner too, and goes with the container; a file system in memory would be empty, and root's.
 */
const READ_ONLY_ROOT = {
  readOnly: true,
  tmpfs: { "/tmp": "mode=1777" },
  volumes: [{ containerPath: "/etc/ssl/certs" }, { containerPath: "/backend/frontend-build" }],
};

function health(tests: string[]): docker.ContainerArgs["healthcheck"] & object {
  return { tests, interval: "3s", timeout: "5s", retries: 10, startPeriod: "10s" };
}
