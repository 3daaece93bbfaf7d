import type Docker from "dockerode";
import { listOnDocker } from "../../cli/core/on-docker";
import { containerWith } from "../../infra/docker-engine";
import { labelsOf, ROLE_LABEL } from "../../infra/labels";
import { takeCensus, type Census } from "./census";
import { ADMINISTRATOR, API_KEY } from "./program-lab";
import { TestStack } from "./stack";
import { WholeStack } from "./kill-whole";

/** What a stack has on a Docker engine, each by its role and as often as it is there. */
export interface OnDocker {
  containers: string[];
  networks: string[];
  volumes: string[];
}

/** A step of a run on Docker at which the CLI is killed: as soon as this is true. */
export interface DockerStep {
  what: string;
  run: "up" | "down";
  reached: (seen: OnDocker) => boolean;
}

export const DOCKER_STEPS: DockerStep[] = [
  { what: "the network is made", run: "up", reached: ({ networks }) => networks.length > 0 },
  { what: "a volume is made", run: "up", reached: ({ volumes }) => volumes.length > 0 },
  { what: "the Postgres container is made", run: "up", reached: has("postgres") },
  { what: "the Redis container is made", run: "up", reached: has("redis") },
  { what: "the server's container is made", run: "up", reached: has("infisical") },
  { what: "the server's container is removed", run: "down", reached: (seen) => !has("infisical")(seen) },
  { what: "the Postgres container is removed", run: "down", reached: (seen) => !has("postgres")(seen) },
  { what: "a volume is removed", run: "down", reached: ({ volumes }) => volumes.length < 2 },
];

function has(role: string): (seen: OnDocker) => boolean {
  return ({ containers }) => containers.includes(role);
}

/** What a stack that is up has. */
export const COMPLETE: OnDocker = {
  containers: ["infisical", "postgres", "redis"],
  networks: ["network"],
  volumes: ["postgres-data", "redis-data"],
};

export const GONE: OnDocker = { containers: [], networks: [], volumes: [] };

/** A stack on Docker whose runs can be killed at a step. */
export class DockerStack {
  private readonly whole: WholeStack;

  private constructor(
    private readonly engine: Docker,
    readonly stack: TestStack,
  ) {
    this.whole = new WholeStack(stack);
  }

  static async open(engine: Docker): Promise<DockerStack> {
    const stack = await TestStack.open({ target: "docker" });
    await stack.configureSecret("admin.password", ADMINISTRATOR.password);
    await stack.configureSecret("OPENAI_API_KEY", API_KEY);
    return new DockerStack(engine, stack);
  }

  /** Kills the CLI in an `up`, or in the destroy of a stack that is up. @returns whether the step was met. */
  async killedAt({ run, reached }: DockerStep): Promise<boolean> {
    const args = run === "up" ? ["up", "--yes", "--skip-preview"] : ["destroy", "--yes", "--skip-preview"];
    return this.whole.killedWhen(args, async () => reached(await this.seen()));
  }

  /** Kills the CLI in an `up` as soon as the server is in a state. @returns whether it came into that state. */
  killedWhenServer(reached: (url: string) => Promise<boolean>): Promise<boolean> {
    return this.whole.killedWhen(["up", "--yes", "--skip-preview"], () => reached(this.stack.url).catch(() => false));
  }

  again(command: "up" | "down"): Promise<{ code: number; text: string }> {
    return this.whole.again(command);
  }

  async removeContainer(role: string): Promise<void> {
    await (await containerWith(this.engine, labelsOf(this.stack.name, role)))?.remove({ force: true });
  }

  async seen(): Promise<OnDocker> {
    const { containers, networks, volumes } = await listOnDocker(this.engine, labelsOf(this.stack.name));
    const roles = (things: { Labels?: { [label: string]: string } | undefined }[]): string[] =>
      things.map(({ Labels }) => Labels?.[ROLE_LABEL] ?? "?").sort();
    return { containers: roles(containers), networks: roles(networks), volumes: roles(volumes) };
  }

  /** @param login the administrator's, where it is not the lab's. */
  census(login = ADMINISTRATOR): Promise<Census> {
    return takeCensus(this.stack.url, login);
  }

  dispose(): Promise<void> {
    return this.stack.dispose();
  }
}

/** More, or less, of anything than there should be. */
export function unlike(seen: OnDocker, wanted: OnDocker): string[] {
  return (["containers", "networks", "volumes"] as const).flatMap((kind) => {
    const [now, then] = [seen[kind].join(", "), wanted[kind].join(", ")];
    return now === then ? [] : [`${kind}: ${now === "" ? "none" : now}; expected ${then === "" ? "none" : then}`];
  });
}
