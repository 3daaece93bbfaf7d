import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type Docker from "dockerode";
import type { ContainerInspectInfo } from "dockerode";
import { ROOT } from "../../cli/core/places";
import { TestBackend } from "./stack";

/** What one tiny program asks of the docker plugin; `{id}` in any text becomes the lab's own name. */
export interface Spec {
  network?: object;
  volume?: object;
  image?: object;
  container?: object;
  /** Resource options of the container. */
  options?: object;
}

export interface Outcome {
  code: number;
  /** Standard output and error. */
  text: string;
}

/** What Pulumi would do: by resource name the operation and the properties that changed. */
export type Plan = Record<string, { operation: string; changed: string[] }>;

const LABEL = "infisical-pulumi-stack.docker-lab";
const LIMIT_MS = 120_000;

// Plain JavaScript, so that a run costs no type check. Every object carries the lab's label.
const PROGRAM = `
const docker = require("@pulumi/docker");
const pulumi = require("@pulumi/pulumi");
const spec = JSON.parse(require("fs").readFileSync("spec.json", "utf8"));
const labels = [{ label: ${JSON.stringify(LABEL)}, value: spec.id }];
const made = [];
if (spec.network) made.push(new docker.Network("network", { labels, ...spec.network }));
if (spec.volume) made.push(new docker.Volume("volume", { labels, ...spec.volume }));
if (spec.image) made.push(new docker.RemoteImage("image", spec.image));
if (spec.container) {
  const { envs = [], ...rest } = spec.container;
  const marked = envs.map((each) => (each.startsWith("SECRET_") ? pulumi.secret(each) : each));
  new docker.Container("container", { labels, envs: marked, ...rest }, { dependsOn: made, ...spec.options });
}
`;

/**
 * A program of a few Docker resources with a backend and names of its own, for what the docker plugin does. At the end
 * of the test everything that carries its label is removed, whatever Pulumi left.
 *
 * DOCKER_PLUGIN_FOLDER (a folder with a pulumi-resource-docker) runs the same tests against another plugin, so that the
 * stand-in can be held against the real one.
 */
export class DockerLab {
  readonly id = `lab-${randomBytes(4).toString("hex")}`;
  private readonly backend = new TestBackend();
  private readonly folder = join(this.backend.folder, "program");
  private readonly env: NodeJS.ProcessEnv;

  private constructor(readonly engine: Docker) {
    const other = process.env.DOCKER_PLUGIN_FOLDER;
    const { PATH = "" } = this.backend.env;
    this.env = { ...this.backend.env, PATH: other ? [other, PATH].join(delimiter) : PATH };
    mkdirSync(this.folder);
    symlinkSync(join(ROOT, "node_modules"), join(this.folder, "node_modules"));
    writeFileSync(join(this.folder, "Pulumi.yaml"), "name: lab\nruntime: nodejs\n");
    writeFileSync(join(this.folder, "package.json"), '{ "name": "lab", "main": "index.js" }\n');
    writeFileSync(join(this.folder, "index.js"), PROGRAM);
  }

  /** @param atEnd the running test's `onTestFinished`. */
  static async open(engine: Docker, atEnd: (clean: () => Promise<void>) => void): Promise<DockerLab> {
    const lab = new DockerLab(engine);
    atEnd(() => lab.close());
    await lab.must(["stack", "init", "lab"]);
    return lab;
  }

  /** The lab's name for a thing, as `{id}-thing` in a spec. */
  nameOf(thing: string): string {
    return `${this.id}-${thing}`;
  }

  async up(spec: Spec): Promise<Outcome> {
    this.write(spec);
    return this.pulumi(["up", "--yes", "--skip-preview"]);
  }

  /** Like {@link up}. @throws with all that was printed when it fails. */
  async mustUp(spec: Spec): Promise<Outcome> {
    this.write(spec);
    return this.must(["up", "--yes", "--skip-preview"]);
  }

  async refresh(): Promise<Outcome> {
    return this.must(["refresh", "--yes", "--skip-preview"]);
  }

  destroy(): Promise<Outcome> {
    return this.pulumi(["destroy", "--yes", "--skip-preview"]);
  }

  /** What an `up` would do now; what stays the same is left out. */
  async plan(spec?: Spec): Promise<Plan> {
    if (spec) this.write(spec);
    const { text } = await this.must(["preview", "--json"], "stdout");
    const { steps = [] } = JSON.parse(text) as { steps?: PreviewStep[] };
    const changed = steps.filter(({ op, urn }) => op !== "same" && !urn.includes("pulumi:pulumi:Stack"));
    return Object.fromEntries(
      changed.filter(({ op }) => !/^(delete-replaced|create-replacement)$/.test(op)).map(described),
    );
  }

  /** The state as text, secrets encrypted. */
  async state(): Promise<string> {
    return (await this.must(["stack", "export"], "stdout")).text;
  }

  /** The container's outputs in the state. */
  async containerOutputs(): Promise<Record<string, unknown>> {
    const { deployment } = JSON.parse(await this.state()) as { deployment: { resources?: StateResource[] } };
    const found = (deployment.resources ?? []).find(({ urn }) => urn.endsWith("::container"));
    return found?.outputs ?? {};
  }

  container(thing = "c"): Promise<ContainerInspectInfo> {
    return this.engine.getContainer(this.nameOf(thing)).inspect();
  }

  /** Names of everything that carries the lab's label, stopped or not. */
  async things(): Promise<string[]> {
    const filters = { label: [`${LABEL}=${this.id}`] };
    const [containers, { Volumes }, networks] = await Promise.all([
      this.engine.listContainers({ all: true, filters }),
      this.engine.listVolumes({ filters }),
      this.engine.listNetworks({ filters }),
    ]);
    return [
      ...containers.flatMap(({ Names }) => Names.map((name) => name.replace(/^\//, ""))),
      ...(Volumes ?? []).map(({ Name }) => Name),
      ...networks.map(({ Name }) => Name),
    ];
  }

  /** The label that a test puts on what it makes by hand, so that it goes with the lab. */
  get labels(): Record<string, string> {
    return { [LABEL]: this.id };
  }

  private write(spec: Spec): void {
    const text = JSON.stringify({ id: this.id, ...spec }).replaceAll("{id}", this.id);
    writeFileSync(join(this.folder, "spec.json"), text);
  }

  private pulumi(args: string[], only?: "stdout"): Promise<Outcome> {
    const options = { cwd: this.folder, env: this.env, timeout: LIMIT_MS, maxBuffer: 64 * 1024 * 1024 };
    return new Promise((resolve) => {
      execFile("pulumi", [...args, "--non-interactive", "--color", "never"], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
        resolve({ code, text: only === "stdout" && code === 0 ? stdout : `${stdout}\n${stderr}` });
      });
    });
  }

  private async must(args: string[], only?: "stdout"): Promise<Outcome> {
    const outcome = await this.pulumi(args, only);
    if (outcome.code === 0) return outcome;
    throw new Error(`pulumi ${args.join(" ")}: exit code ${outcome.code}\n${outcome.text}`);
  }

  private async close(): Promise<void> {
    const filters = { label: [`${LABEL}=${this.id}`] };
    for (const { Id } of await this.engine.listContainers({ all: true, filters })) {
      await this.engine.getContainer(Id).remove({ force: true, v: true });
    }
    for (const { Name } of (await this.engine.listVolumes({ filters })).Volumes ?? []) {
      await this.engine.getVolume(Name).remove();
    }
    for (const { Id } of await this.engine.listNetworks({ filters })) await this.engine.getNetwork(Id).remove();
    for (const { RepoTags } of await this.engine.listImages({ filters: { reference: [this.id] } })) {
      for (const tag of RepoTags ?? []) await this.engine.getImage(tag).remove({ force: true });
    }
    this.backend.remove();
  }
}

interface PreviewStep {
  op: string;
  urn: string;
  diffReasons?: string[];
  detailedDiff?: Record<string, unknown> | null;
}

interface StateResource {
  urn: string;
  outputs?: Record<string, unknown>;
}

function described(step: PreviewStep): [string, { operation: string; changed: string[] }] {
  const paths = Object.keys(step.detailedDiff ?? {}).map((path) => path.replace(/[.[].*$/, ""));
  const changed = [...new Set([...paths, ...(step.diffReasons ?? [])])].sort();
  return [step.urn.split("::").at(-1) ?? "", { operation: step.op, changed }];
}
