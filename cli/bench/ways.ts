import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { createFolder } from "../../infra/api/folders";
import { createEnvironment, createProject, deleteProject } from "../../infra/api/projects";
import { ROOT } from "../core/places";
import type { Floor, Measure, Operation } from "./measures";
import type { BenchServer } from "./server";
import { BenchStack, copyProgram, type Run } from "./stack";

/** What all measurements are made in. */
export interface Bench {
  folder: string;
  server: BenchServer;
  /** Environment of the Pulumi CLI. */
  env: NodeJS.ProcessEnv;
}

const PARALLEL = 10;
/** About as long as the values of the comparison that this is measured against. */
const VALUE_PADDING = "x".repeat(36);

/** Names and values of so many keys. */
export function keysOf(count: number): { [key: string]: string } {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `KEY_${String(index).padStart(5, "0")}`,
      `value-${index}-${VALUE_PADDING}`,
    ]),
  );
}

/** One round of what Pulumi takes for a program without a resource. */
export async function measureFloor(bench: Bench, round: number): Promise<Floor> {
  const program = {
    project: "bench-empty",
    folder: copyProgram(bench.folder, "empty"),
    config: {},
    env: {},
    options: [],
  };
  const stack = new BenchStack(bench.folder, `empty-${round}`, program, bench.env);
  await stack.init();
  return {
    up: (await stack.up()).seconds,
    preview: (await stack.preview()).seconds,
    refresh: (await stack.refresh()).seconds,
    destroy: (await stack.destroy()).seconds,
  };
}

/** This repository's program on a blueprint with so many keys. */
export async function measureStack(bench: Bench, keys: number, folders: number, round = 1): Promise<Measure> {
  const name = `stack-${keys}-${folders}-${round}`;
  const file = join(bench.folder, `${name}.yaml`);
  const { connection, url } = bench.server;
  const program = {
    project: "infisical",
    folder: ROOT,
    config: { "infisical:target": "external", "infisical:external.url": url, "infisical:blueprint": file },
    env: {
      INFISICAL_UNIVERSAL_AUTH_CLIENT_ID: connection.clientId,
      INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET: connection.clientSecret,
    },
    options: [],
  };
  const values = keysOf(keys);
  const write = (): void => writeFileSync(file, blueprintOf(name, values, folders), { mode: 0o600 });
  write();
  const stack = new BenchStack(bench.folder, name, program, bench.env);
  await stack.init();
  const measure: Measure = { way: "stack", keys, folders, seconds: {}, requests: {} };
  await take(bench, measure, "up", () => stack.up());
  measure.stateBytes = stack.stateBytes();
  await take(bench, measure, "preview", () => stack.preview());
  await take(bench, measure, "refresh", () => stack.refresh());
  values.KEY_00000 = "another value";
  write();
  await take(bench, measure, "change", () => stack.up());
  await take(bench, measure, "destroy", () => stack.destroy());
  return measure;
}

function blueprintOf(slug: string, values: { [key: string]: string }, folders: number): string {
  const entries = Object.entries(values);
  const each = Math.ceil(entries.length / folders);
  const secrets = Object.fromEntries(
    Array.from({ length: folders }, (_, index) => [
      `/folder-${index}`,
      Object.fromEntries(entries.slice(index * each, (index + 1) * each)),
    ]),
  );
  const project = { name: "bench", environments: { dev: "Development" }, secrets: { dev: secrets } };
  return stringify({ projects: { [slug]: project } }, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" });
}

/** A Pulumi program that has a resource for every key. */
export async function measureResources(bench: Bench, keys: number): Promise<Measure> {
  const project = await emptyProject(bench, `resources-${keys}`);
  const values = keysOf(keys);
  const { url, token } = bench.server;
  // The operating system bounds what goes by environment, so the keys go by file.
  const file = join(bench.folder, `resources-${keys}.json`);
  const write = (): void => writeFileSync(file, JSON.stringify(values), { mode: 0o600 });
  write();
  const program = {
    project: "bench-one-per-key",
    folder: copyProgram(bench.folder, "one-per-key"),
    config: {},
    env: { BENCH_URL: url, BENCH_TOKEN: token, BENCH_PROJECT: project, BENCH_KEYS: file },
    options: ["--parallel", String(PARALLEL)],
  };
  const stack = new BenchStack(bench.folder, `resources-${keys}`, program, bench.env);
  await stack.init();
  await bench.server.countRequests();
  const measure: Measure = { way: "resources", keys, folders: 1, seconds: {}, requests: {} };
  await take(bench, measure, "up", () => stack.up());
  measure.stateBytes = stack.stateBytes();
  await take(bench, measure, "preview", () => stack.preview());
  await take(bench, measure, "refresh", () => stack.refresh());
  values.KEY_00000 = "another value";
  write();
  await take(bench, measure, "change", () => stack.up());
  await take(bench, measure, "destroy", () => stack.destroy());
  await deleteProject(bench.server.ask, project);
  return measure;
}

/** Bare requests, as fast as they go: what any tool pays that asks for one key at a time. */
export async function measureRequests(bench: Bench, keys: number): Promise<Measure> {
  const { ask } = bench.server;
  const projectId = await emptyProject(bench, `requests-${keys}`);
  const place = { projectId, environment: "dev", secretPath: "/single" };
  const values = Object.entries(keysOf(keys));
  const each = async (work: (key: string, value: string) => Promise<unknown>): Promise<Run> => {
    const started = process.hrtime.bigint();
    const queue = [...values];
    const worker = async (): Promise<void> => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) await work(...next);
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    return { seconds: Number(process.hrtime.bigint() - started) / 1e9, providerMiB: 0 };
  };
  const path = (key: string): string => `/api/v4/secrets/${key}`;
  const read = () => each((key) => ask({ method: "GET", path: path(key), query: place }));
  await bench.server.countRequests();
  const measure: Measure = { way: "requests", keys, folders: 1, seconds: {}, requests: {} };
  await take(bench, measure, "up", () =>
    each((key, value) => ask({ method: "POST", path: path(key), body: { ...place, secretValue: value } })),
  );
  await take(bench, measure, "refresh", read);
  await take(bench, measure, "destroy", () => each((key) => ask({ method: "DELETE", path: path(key), body: place })));
  await deleteProject(ask, projectId);
  return measure;
}

async function emptyProject({ server }: Bench, slug: string): Promise<string> {
  const { id } = await createProject(server.ask, { slug, name: slug, description: "" });
  await createEnvironment(server.ask, id, { slug: "dev", name: "Development", position: 1 });
  await createFolder(server.ask, { projectId: id, environment: "dev" }, "/single", "");
  return id;
}

async function take(bench: Bench, measure: Measure, operation: Operation, work: () => Promise<Run>): Promise<void> {
  await bench.server.countRequests();
  const { seconds, providerMiB } = await work();
  measure.seconds[operation] = seconds;
  measure.requests[operation] = await bench.server.countRequests();
  measure.providerMiB = Math.max(measure.providerMiB ?? 0, providerMiB);
  console.log(
    `  ${measure.way}, ${measure.keys} keys: ${operation} ${seconds.toFixed(2)} s, ${measure.requests[operation]} requests`,
  );
}
