/**
 * "An Infisical with this blueprint" for vitest. Copy this file to your tests, and say where the stack's project is:
 * INFISICAL_STACK_FOLDER, or the option `stackFolder`. In a test:
 *
 *   const infisical = useInfisical({ blueprint: "blueprints/my-rag.yaml", values: { OPENAI_API_KEY: "sk-test" } });
 *   it("reads its key", async () => { const app = await start(infisical().environment); ... });
 *
 * One instance serves a test file. It ends with the file; if the run is killed, `npm run reap` or the next start takes it
 * once its time is over.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll } from "vitest";

export interface InfisicalOptions {
  /** `sandbox` is not Infisical but starts without Docker; `docker` is the real one. */
  target?: "sandbox" | "docker";
  blueprint?: string;
  /** Secrets that the blueprint takes from the configuration. */
  values?: Record<string, string>;
  /** Such as 90s, 30m or 2h. */
  ttl?: string;
  /** Folder of the stack's project. */
  stackFolder?: string;
}

export interface Infisical {
  name: string;
  url: string;
  /** INFISICAL_HOST, INFISICAL_PROJECT_ID, INFISICAL_CLIENT_ID, INFISICAL_CLIENT_SECRET, INFISICAL_ENV, INFISICAL_PATH */
  environment: Record<string, string>;
}

const START_MILLISECONDS = 600_000;

/** Starts an instance before the tests of this file and ends it after them. @returns how to get at it in a test. */
export function useInfisical(options: InfisicalOptions = {}): () => Infisical {
  let started: Infisical | undefined;
  beforeAll(async () => {
    started = await startInfisical(options);
  }, START_MILLISECONDS);
  afterAll(async () => {
    if (started !== undefined) await endInfisical(started, options.stackFolder);
  }, START_MILLISECONDS);
  return () => {
    if (started === undefined) throw new Error("useInfisical: only inside of a test");
    return started;
  };
}

export async function startInfisical(options: InfisicalOptions = {}): Promise<Infisical> {
  const { target = "sandbox", ttl = "30m", blueprint, values = {}, stackFolder } = options;
  const args = ["--json", "--target", target, "--ttl", ttl, "--values", "-"];
  if (blueprint !== undefined) args.push("--blueprint", resolve(folderOf(stackFolder), blueprint));
  const answer = await ephemeral(args, stackFolder, JSON.stringify(values));
  const { name, url, environmentFile } = JSON.parse(answer) as { name: string; url: string; environmentFile: string };
  return { name, url, environment: JSON.parse(readFileSync(environmentFile, "utf8")) as Record<string, string> };
}

export async function endInfisical({ name }: Infisical, stackFolder?: string): Promise<void> {
  await ephemeral(["--end", name], stackFolder, "");
}

function folderOf(stackFolder: string | undefined): string {
  return resolve(stackFolder ?? process.env.INFISICAL_STACK_FOLDER ?? resolve(import.meta.dirname, "..", ".."));
}

/** Secrets go by standard input: a command line can be read by everybody on the machine. */
function ephemeral(args: string[], stackFolder: string | undefined, input: string): Promise<string> {
  return new Promise((done, failed) => {
    const options = { cwd: folderOf(stackFolder), maxBuffer: 16 << 20 };
    const child = execFile("npm", ["run", "-s", "ephemeral", "--", ...args], options, (error, stdout, stderr) =>
      error === null ? done(stdout.trim()) : failed(new Error(`npm run ephemeral: ${stderr.trim() || error.message}`)),
    );
    child.stdin?.end(input);
  });
}
