import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { middleMeasure, middleOf, type Floor, type Measure } from "../bench/measures";
import { plotOf } from "../bench/plot";
import { conclusions, reportOf } from "../bench/report";
import { BenchServer } from "../bench/server";
import { measureFloor, measureRequests, measureResources, measureStack, type Bench } from "../bench/ways";
import { misuse } from "../core/failure";
import { PROVIDER_CACHE, ROOT } from "../core/places";
import { Stopwatch, summarize } from "../core/summary";
import { readTools, standInsOf } from "../core/tools";

export interface BenchOptions {
  /** Numbers of keys, divided by commas. */
  keys: string;
  /** Up to so many keys, one Pulumi resource per key is measured too; it takes long. */
  resourcesUpTo: string;
  /** Up to so many keys, bare requests are measured too. */
  requestsUpTo: string;
  /** Folder for bench.md and bench.svg. */
  output: string;
  json?: boolean;
}

/** Measures the stack at growing numbers of keys beside an empty program and beside one request per key. */
export async function bench(options: BenchOptions): Promise<void> {
  const watch = new Stopwatch();
  const counts = options.keys.split(",").map((text) => wholeNumber(text, "--keys"));
  const upTo = {
    resources: wholeNumber(options.resourcesUpTo, "--resources-up-to"),
    requests: wholeNumber(options.requestsUpTo, "--requests-up-to"),
  };
  const folder = mkdtempSync(join(tmpdir(), "infisical-bench-"));
  // Also when it is interrupted; the sandbox gets the same signal from the terminal.
  process.once("SIGINT", () => process.exit(130));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  console.log("the server is the sandbox, not Infisical; it starts empty, and goes when this is done");
  const server = await BenchServer.start();
  try {
    const { floor, measures } = await measureAll({ folder, server, env: environment(folder) }, counts, upTo);
    await write(options, floor, measures);
    if (options.json === true) console.log(JSON.stringify({ floor, measures }, undefined, 2));
    for (const line of conclusions(floor, measures)) console.log(line);
    summarize("bench", { measures: measures.length, written: `${options.output}/bench.md`, seconds: watch.seconds });
  } finally {
    await server.stop();
  }
}

/** So many keys are done so quickly that chance shows: they are measured several times. */
const FEW = 100;
const ROUNDS = 3;

async function measureAll(
  bench: Bench,
  counts: number[],
  upTo: { resources: number; requests: number },
): Promise<{ floor: Floor; measures: Measure[] }> {
  const MOST_IN_FOLDER = 100;
  const rounds: Floor[] = [];
  const measures: Measure[] = [];
  for (const keys of counts) {
    // All through the run, so that a machine that is busy for a while is busy for both.
    rounds.push(await measureFloor(bench, rounds.length + 1));
    const times = keys <= FEW ? ROUNDS : 1;
    const taken: Measure[] = [];
    for (let round = 1; round <= times; round += 1) taken.push(await measureStack(bench, keys, 1, round));
    measures.push(middleMeasure(taken));
    rounds.push(await measureFloor(bench, rounds.length + 1));
    if (keys > 1_000) measures.push(await measureStack(bench, keys, Math.ceil(keys / MOST_IN_FOLDER)));
    if (keys <= upTo.requests) measures.push(await measureRequests(bench, keys));
    if (keys <= upTo.resources) measures.push(await measureResources(bench, keys));
  }
  const floor = middleOf(rounds);
  console.log(`  an empty program: up ${floor.up.toFixed(2)} s, preview ${floor.preview.toFixed(2)} s`);
  return { floor, measures };
}

/** Pulumi with a home of its own, and with the plugins that this machine has. */
function environment(folder: string): NodeJS.ProcessEnv {
  const tools = readTools();
  const home = join(folder, "home");
  mkdirSync(home, { mode: 0o700 });
  const { HOME, TMPDIR, PATH = "" } = process.env;
  const path = [...tools.path, ...(standInsOf(tools).length > 0 ? tools.standInPath : []), PATH].join(delimiter);
  return {
    HOME,
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
    PATH: path,
    PULUMI_HOME: home,
    INFISICAL_PROVIDER_CACHE: PROVIDER_CACHE,
  };
}

async function write({ output }: BenchOptions, floor: Floor, measures: Measure[]): Promise<void> {
  const tools = readTools();
  const folder = join(ROOT, output);
  mkdirSync(folder, { recursive: true });
  const report = reportOf(floor, measures, {
    day: new Date().toISOString().slice(0, 10),
    pulumi: tools.parts.pulumi?.version ?? execFileSync("pulumi", ["version"], { encoding: "utf8" }).trim(),
    standIns: standInsOf(tools).filter((name) => name !== "docker" && name !== "command"),
  });
  // In the project's own style, so that the check of the style has nothing to say about it.
  const { format, resolveConfig } = await import("prettier");
  const page = join(folder, "bench.md");
  writeFileSync(page, await format(report, { ...(await resolveConfig(page)), parser: "markdown" }));
  writeFileSync(join(folder, "bench.svg"), plotOf(floor, measures));
}

function wholeNumber(text: string, option: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw misuse(`${option}: "${text}" is no whole number`);
  return number;
}
