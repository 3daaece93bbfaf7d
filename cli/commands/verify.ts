import { execFile } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { accessMatrix, SECRET_ACTIONS, type Cell } from "../core/access-matrix";
import { readBlueprint } from "../core/blueprint";
import { Failure } from "../core/failure";
import { junitOf } from "../core/junit";
import { LOCAL, ROOT } from "../core/places";
import { stackOutputs } from "../core/pulumi";
import { Stopwatch, summarize } from "../core/summary";
import { openWorkspace, type Workspace } from "../core/workspace";

/** A cell of the matrix as an SDK found it. */
interface Verdict extends Cell {
  sdk: "node" | "python";
  seen: "allowed" | "denied" | "unclear";
  detail: string;
}

export interface VerifyOptions {
  json?: boolean;
  /** File for a JUnit report. */
  junit?: string;
}

/** A changed permission takes up to 10 s on the server. */
const SETTLE_WITHIN = 15_000;

/** Proves what every identity of the blueprint may do and may not do. Exit code 1 on any surprise, in either direction. */
export async function verify(stack: string, options: VerifyOptions): Promise<void> {
  const watch = new Stopwatch();
  const verdicts = await verdictsFor(openWorkspace(stack));
  const surprises = verdicts.filter(isSurprise);
  if (options.junit !== undefined) writeFileSync(options.junit, junitOf("verify", verdicts.map(toJunit)));
  if (options.json === true) console.log(JSON.stringify(verdicts.map(withoutId), undefined, 2));
  else printVerdicts(verdicts);
  if (options.json !== true) summarize("verify", { stack, ...figuresOf(verdicts), seconds: watch.seconds });
  if (surprises.length > 0) {
    throw new Failure(`${surprises.length} surprises:\n${surprises.map((one) => `  ${describe(one)}`).join("\n")}`);
  }
}

/** Asks the server as each identity; what is not as expected is asked again until permissions must have settled. */
export async function verdictsFor(workspace: Workspace): Promise<Verdict[]> {
  const outputs = outputsSchema.parse(await stackOutputs(workspace));
  const plan = readBlueprint(workspace);
  const started = Date.now();
  const verdicts: Verdict[] = [];
  for (const [identity, credentials] of Object.entries(identitiesIn(outputs, Object.keys(plan.identities)))) {
    let open = accessMatrix(plan).filter((cell) => cell.identity === identity);
    for (;;) {
      const seen = await askAll(outputs, credentials, open);
      const settled = Date.now() - started > SETTLE_WITHIN;
      verdicts.push(...seen.filter((one) => settled || !isSurprise(one)));
      const again = new Set(seen.filter(isSurprise).map(({ id }) => id));
      open = open.filter(({ id }) => again.has(id));
      if (settled || open.length === 0) break;
      await pause(2_000);
    }
  }
  return verdicts.sort((a, b) => a.id - b.id || a.sdk.localeCompare(b.sdk));
}

const credentialsSchema = z.object({ identityId: z.string(), clientId: z.string(), clientSecret: z.string() });
const outputsSchema = z.object({
  url: z.string(),
  projectId: z.string(),
  projectSlug: z.string(),
  projects: z.record(z.string(), z.string()).optional(),
  identities: z.record(z.string(), credentialsSchema.partial()).optional(),
  identityId: z.string().optional(),
  clientId: z.string().optional(),
  clientSecret: z.string().optional(),
});
type Outputs = z.output<typeof outputsSchema>;
type Credentials = z.output<typeof credentialsSchema>;

function identitiesIn(outputs: Outputs, names: string[]): { [name: string]: Credentials } {
  const all = outputs.identities ?? (names[0] === undefined ? {} : { [names[0]]: outputs });
  return Object.fromEntries(names.map((name) => [name, credentialsSchema.parse(all[name])]));
}

async function askAll(outputs: Outputs, credentials: Credentials, cells: Cell[]): Promise<Verdict[]> {
  const python = join(LOCAL, "venv", "bin", "python");
  const onSecrets = cells.filter(({ action }) => SECRET_ACTIONS.includes(action));
  const node = await ask(
    "node",
    process.execPath,
    join(ROOT, "cli", "probes", "probe.mjs"),
    outputs,
    credentials,
    cells,
  );
  if (!existsSync(python) || onSecrets.length === 0) return node;
  return [
    ...node,
    ...(await ask("python", python, join(ROOT, "cli", "probes", "probe.py"), outputs, credentials, onSecrets)),
  ];
}

/** The credential travels by stdin: a command line and an environment can be seen by others. */
async function ask(
  sdk: Verdict["sdk"],
  command: string,
  script: string,
  outputs: Outputs,
  credentials: Credentials,
  cells: Cell[],
): Promise<Verdict[]> {
  const tries = cells.map(({ id, action, project, environment, path, key }) => {
    const projectId = outputs.projects?.[project] ?? outputs.projectId;
    return { id, action, projectId, environment, path, key, identityId: credentials.identityId };
  });
  const request = { url: outputs.url, ...credentials, sdk: join(ROOT, "examples", "node", "package.json"), tries };
  const stdout = await run(command, [script], JSON.stringify(request));
  const results = z.array(
    z.object({ id: z.number(), seen: z.enum(["allowed", "denied", "unclear"]), detail: z.string() }),
  );
  const byId = new Map(results.parse(JSON.parse(stdout)).map((result) => [result.id, result]));
  return cells.map((cell) => ({ ...cell, sdk, seen: "unclear", detail: "no result", ...byId.get(cell.id) }));
}

function run(command: string, args: string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      args,
      { timeout: 300_000, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        const said = stderr.trim().split("\n").at(-1) ?? "";
        reject(new Failure(`an identity could not be tried out: ${said === "" ? `exit code ${error.code}` : said}`));
      },
    );
    child.stdin?.end(input);
  });
}

function isSurprise({ seen, expected }: Verdict): boolean {
  return seen !== expected;
}

function describe({ identity, sdk, action, environment, path, expected, seen, detail }: Verdict): string {
  return `${identity} (${sdk} SDK): ${action} ${environment}:${path}: expected ${expected}, seen ${seen}${detail === "" ? "" : ` (${detail})`}`;
}

function figuresOf(verdicts: Verdict[]): { [name: string]: number } {
  const count = (expected: string): number => verdicts.filter((one) => one.expected === expected).length;
  return {
    cells: verdicts.length,
    "expected allowed": count("allowed"),
    "expected denied": count("denied"),
    surprises: verdicts.filter(isSurprise).length,
  };
}

/** One line for each identity, folder and SDK: what is allowed there, and what is not. */
function printVerdicts(verdicts: Verdict[]): void {
  const groups = new Map<string, Verdict[]>();
  for (const one of verdicts) {
    const name = `${one.identity}  ${one.sdk.padEnd(6)}  ${one.project} ${one.environment}:${one.path}`;
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  const width = Math.max(...[...groups.keys()].map((name) => name.length));
  for (const [name, group] of groups) {
    const cells = group.map(
      (one) => `${one.seen === "allowed" ? "+" : "-"}${one.action}${isSurprise(one) ? " (SURPRISE)" : ""}`,
    );
    console.log(`${name.padEnd(width)}  ${cells.join("  ")}`);
  }
}

function toJunit(one: Verdict): { name: string; failure?: string } {
  const { identity, sdk, action, environment, path } = one;
  const name = `${identity} (${sdk} SDK): ${action} ${environment}:${path}`;
  return isSurprise(one) ? { name, failure: describe(one) } : { name };
}

function withoutId({ id: _, ...rest }: Verdict): Omit<Verdict, "id"> {
  return rest;
}
