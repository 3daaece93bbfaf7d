import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { z } from "zod";
import { Failure, misuse } from "../core/failure";
import { Stopwatch, summarize } from "../core/summary";
import { readInstances } from "../ephemeral/instance";
import { lifetimeOf } from "../ephemeral/lifetime";
import { census, reap, removeInstance } from "../ephemeral/reap";
import { startInstance, type Started, type Wish } from "../ephemeral/start";

export interface EphemeralOptions {
  target: string;
  ttl: string;
  count: string;
  blueprint?: string;
  /** `key=value` settings. */
  config?: string[];
  /** File of JSON with the blueprint's configuration secrets; `-` = standard input. */
  values?: string;
  end?: string[];
  json?: boolean;
}

export interface ReapOptions {
  all?: boolean;
  list?: boolean;
}

/** Starts throwaway instances for tests, or ends some. */
export async function ephemeral(options: EphemeralOptions): Promise<void> {
  const watch = new Stopwatch();
  if (options.end !== undefined) return endAll(options.end, watch);
  const wish = wishOf(options);
  const count = Number(options.count);
  if (!Number.isInteger(count) || count < 1 || count > 50) throw misuse("--count takes a number from 1 to 50");
  await reap();
  const outcomes = await several(count, () => startInstance(wish));
  const started = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  if (options.json === true) console.log(JSON.stringify(count === 1 ? started[0] : started));
  else for (const one of started) tell(one);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  if (options.json !== true) summarize("ephemeral", { started: started.length, seconds: watch.seconds });
}

/** Removes what is over its time. */
export async function reapCommand(options: ReapOptions): Promise<void> {
  const watch = new Stopwatch();
  if (options.list === true) {
    for (const { name, target, port, expires } of readInstances()) {
      console.log(`${name}  ${target}  port ${port}  until ${expires}`);
    }
    return summarize("reap", { ...(await census()) });
  }
  const removed = await reap({ everything: options.all === true });
  const left = await census();
  console.log(
    `left: ${Object.entries(left)
      .map(([what, number]) => `${number} ${what}`)
      .join(", ")}`,
  );
  summarize("reap", { ...removed, seconds: watch.seconds });
}

function tell({ name, target, url, expires, environmentFile, seconds }: Started): void {
  const what = target === "sandbox" ? "sandbox, not Infisical" : "Infisical in Docker, data in memory";
  console.log(`${name}: ${url} (${what}), until ${expires}, ${seconds} s; environment: ${environmentFile}`);
}

async function endAll(names: string[], watch: Stopwatch): Promise<void> {
  const known = readInstances();
  let ended = 0;
  for (const name of names) {
    const instance = known.find((one) => one.name === name);
    if (instance === undefined) continue;
    await removeInstance(instance);
    ended += 1;
  }
  summarize("ephemeral", { ended, "not there any more": names.length - ended, seconds: watch.seconds });
}

function wishOf(options: EphemeralOptions): Wish {
  const { target } = options;
  if (target !== "sandbox" && target !== "docker") throw misuse("--target takes sandbox or docker");
  const config = (options.config ?? []).map((pair): [string, string] => {
    const at = pair.indexOf("=");
    if (at < 1) throw misuse(`--config takes key=value, not "${pair}"`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return {
    target,
    lifetime: lifetimeOf(options.ttl),
    blueprint: options.blueprint,
    config: Object.fromEntries(config),
    values: options.values === undefined ? {} : valuesIn(options.values),
  };
}

function valuesIn(file: string): { [name: string]: string } {
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(file === "-" ? 0 : file, "utf8")));
  } catch {
    // Not what was thrown: it could quote a value.
    throw new Failure(`--values ${file}: it is not there, or no JSON object of texts`, 2);
  }
}

/** As many at a time as the machine has processors: each start keeps more than one of them busy. */
async function several<T>(count: number, work: () => Promise<T>): Promise<PromiseSettledResult<T>[]> {
  const results: PromiseSettledResult<T>[] = [];
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      results.push(...(await Promise.allSettled([work()])));
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, Math.max(2, availableParallelism())) }, lane));
  return results;
}
