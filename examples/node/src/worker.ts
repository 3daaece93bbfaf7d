/**
 * A long-running worker: uses its secrets again and again, through expired tokens, rotations and an absent server.
 *
 *     npm run worker -s [-- --seconds 60] [--every 0.5] [--max-age 30] [--json]
 *
 * Without `--seconds` it runs until SIGTERM or Ctrl-C, and ends cleanly. What happens goes to stderr, the figures to
 * stdout at the end. Exit codes: 0 no read failed, 1 some did or it could not start, 2 wrong usage.
 */
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { SecretsError } from "./errors.js";
import { SecretsClient, mask } from "./secrets.js";

interface Options {
  /** All in milliseconds. */
  readonly duration: number;
  readonly every: number;
  readonly maxAge: number;
  readonly json: boolean;
}

/** What a run saw: reads, how many failed, how many were served from old values, and changes of the key. */
interface Figures {
  reads: number;
  failed: number;
  stale: number;
  changes: number;
  slowest_ms: number;
}

const log = (line: string): void => console.error(`${new Date().toISOString()} ${line}`);

/** Reads the key again and again until `stop` is aborted or the time is over. */
async function work(client: SecretsClient, stop: AbortSignal, { duration, every }: Options): Promise<Figures> {
  const figures: Figures = { reads: 0, failed: 0, stale: 0, changes: 0, slowest_ms: 0 };
  const end = performance.now() + duration;
  let before: string | undefined;
  while (!stop.aborted && performance.now() < end) {
    const begun = performance.now();
    try {
      const key = await client.get("OPENAI_API_KEY");
      if (before !== undefined && before !== key) {
        figures.changes += 1;
        log(`the key is another one now: ${mask(key)}`);
      }
      before = key;
    } catch (error) {
      if (!(error instanceof SecretsError)) throw error;
      figures.failed += 1;
      log(`read failed: ${error.message}`);
    }
    figures.reads += 1;
    if (client.freshness().stale) figures.stale += 1;
    figures.slowest_ms = Math.max(figures.slowest_ms, Math.round(performance.now() - begun));
    await pause(every, undefined, { signal: stop }).catch(() => undefined);
  }
  return figures;
}

async function main(options: Options): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"]) void once(process, signal).then(() => stop.abort());
  const client = new SecretsClient(undefined, { maxAge: options.maxAge, warn: log });
  try {
    await client.listAll();
    client.startRenewal();
    const figures = await work(client, stop.signal, options);
    const { reads, failed, stale, changes, slowest_ms } = figures;
    const line =
      `${reads} reads, ${failed} failed, ${stale} from last good values, ${changes} changes of the key seen, ` +
      `slowest read ${slowest_ms} ms`;
    console.log(options.json ? JSON.stringify(figures) : line);
    return failed > 0 ? 1 : 0;
  } finally {
    await client.close();
  }
}

function optionsFrom(args: string[]): Options {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args,
    options: { seconds: text, every: text, "max-age": text, json: { type: "boolean", default: false } },
  });
  const milliseconds = (name: "seconds" | "every" | "max-age", fallback: number): number => {
    const seconds = values[name] === undefined ? fallback : Number(values[name]);
    if (!(seconds > 0)) throw new TypeError(`--${name} must be a number of seconds above 0`);
    return seconds * 1000;
  };
  const json = values.json;
  return {
    duration: milliseconds("seconds", Infinity),
    every: milliseconds("every", 0.5),
    maxAge: milliseconds("max-age", 30),
    json,
  };
}

function usage(error: unknown): never {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(2);
}

let options: Options;
try {
  options = optionsFrom(process.argv.slice(2));
} catch (error) {
  usage(error);
}
main(options).then(
  (code) => process.exit(code),
  (error: unknown) => {
    if (!(error instanceof SecretsError)) throw error;
    console.error(`error: ${error.message}`);
    process.exit(1);
  },
);
