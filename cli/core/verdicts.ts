import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { Blueprint } from "../../infra/blueprint/schema";
import { accessMatrix, SECRET_ACTIONS, type Cell } from "./access-matrix";
import { Failure } from "./failure";
import { LOCAL, ROOT } from "./places";
import { stackOutputs } from "./pulumi";
import { readStack } from "./state";
import type { Workspace } from "./workspace";

/** A cell of the matrix as an SDK found it. */
export interface Verdict extends Cell {
  sdk: "node" | "python";
  seen: "allowed" | "denied" | "unclear";
  detail: string;
}

/** What the SDKs found, and which of them could not be asked. */
export interface Verdicts {
  all: Verdict[];
  notRun: string[];
}

/** A changed permission takes up to 10 s on the server. */
const SETTLE_WITHIN = 15_000;
const ASK_AGAIN_AFTER = 2_000;

/** Asks the server as every identity; what is not as expected is asked again until permissions must have settled. */
export async function verdictsFor(workspace: Workspace, plan: Blueprint): Promise<Verdicts> {
  const counted = Object.entries(plan.identities).filter(
    ([, { token, clientSecret }]) => token.uses + clientSecret.uses > 0,
  );
  const spent = new Set(counted.map(([name]) => name));
  const lasting = Object.fromEntries(Object.entries(plan.identities).filter(([name]) => !spent.has(name)));
  const access = await accessTo(workspace, Object.keys(lasting));
  const probes = PROBES.filter(({ command }) => existsSync(command()));
  const notRun = [
    ...PROBES.filter((probe) => !probes.includes(probe)).map(({ missing }) => missing),
    ...[...spent].map((name) => `${name}: its credential is good for so many uses, which the tries would spend`),
  ];
  const asked = probes.map((probe) => askUntilSettled(probe, access, { ...plan, identities: lasting }));
  const all = (await Promise.all(asked)).flat();
  return { all: all.sort((a, b) => a.id - b.id || a.sdk.localeCompare(b.sdk)), notRun };
}

export function isSurprise({ seen, expected }: Verdict): boolean {
  return seen !== expected;
}

/** Such as `app (python SDK): read dev:/other: expected denied, seen allowed`. */
export function describeVerdict(verdict: Verdict): string {
  const { expected, seen, detail } = verdict;
  return `${nameOfCell(verdict)}: expected ${expected}, seen ${seen}${detail === "" ? "" : ` (${detail})`}`;
}

export function nameOfCell({ identity, sdk, action, project, environment, path }: Verdict): string {
  return `${identity} (${sdk} SDK): ${action} ${project} ${environment}:${path}`;
}

async function askUntilSettled(probe: Probe, access: Access, plan: Blueprint): Promise<Verdict[]> {
  const started = Date.now();
  const verdicts: Verdict[] = [];
  let open: Set<number> | undefined;
  for (;;) {
    // Made anew each time: a grant may end meanwhile.
    const cells = accessMatrix(plan, new Date()).filter(
      ({ id, action }) => (open?.has(id) ?? true) && (probe.actions?.includes(action) ?? true),
    );
    const seen = await ask(probe, access, cells);
    const settled = Date.now() - started > SETTLE_WITHIN;
    verdicts.push(...seen.filter((one) => settled || !isSurprise(one)));
    open = new Set(seen.filter(isSurprise).map(({ id }) => id));
    if (settled || open.size === 0) return verdicts;
    await pause(ASK_AGAIN_AFTER);
  }
}

/** A program that tries things out with an SDK. */
interface Probe {
  sdk: Verdict["sdk"];
  command: () => string;
  script: string;
  /** Those that it knows; all when left out. */
  actions?: readonly string[];
  /** Why it is not run when its command is not there. */
  missing: string;
}

const PROBES: Probe[] = [
  { sdk: "node", command: () => process.execPath, script: "probe.mjs", missing: "" },
  {
    sdk: "python",
    command: () => join(LOCAL, "venv", "bin", "python"),
    script: "probe.py",
    actions: SECRET_ACTIONS,
    missing: "Python SDK: no Python 3.11 or newer with the SDK on this machine",
  },
];

const credential = z.object({ identityId: z.string(), clientId: z.string(), clientSecret: z.string() });

/** How to reach the server as each identity. */
interface Access {
  url: string;
  /** By name. */
  identities: { [name: string]: z.output<typeof credential> };
  /** Id by slug. */
  projects: { [slug: string]: string };
}

async function accessTo(workspace: Workspace, names: string[]): Promise<Access> {
  const outputs = z
    .object({ url: z.string(), identities: z.record(z.string(), credential.partial()) })
    .safeParse(await stackOutputs(workspace));
  if (!outputs.success) throw new Failure("the stack has no identities yet. Run `npm run up` first.");
  const { url, identities } = outputs.data;
  const known = names.map((name): [string, z.output<typeof credential>] => {
    const found = credential.safeParse(identities[name]);
    if (!found.success) throw new Failure(`identity "${name}" is not there yet. Run \`npm run up\` first.`);
    return [name, found.data];
  });
  const projects = (await readStack(workspace)).filter(({ type }) => type.endsWith("infisical:Project"));
  const ids = projects.map(({ inputs, id }): [string, string] => [String(inputs?.slug), id ?? ""]);
  return { url, identities: Object.fromEntries(known), projects: Object.fromEntries(ids) };
}

const results = z.array(
  z.object({ id: z.number(), seen: z.enum(["allowed", "denied", "unclear"]), detail: z.string() }),
);

/** The credentials travel by stdin: a command line and an environment can be seen by others. */
async function ask(probe: Probe, access: Access, cells: Cell[]): Promise<Verdict[]> {
  if (cells.length === 0) return [];
  const { url, identities, projects } = access;
  const tries = cells.map(({ id, identity, action, project, environment, path, key }) => {
    const { identityId } = identities[identity] ?? {};
    const own = `${key}_${probe.sdk.toUpperCase()}`;
    const projectId = projects[project];
    return { id, identity, identityId, action, projectId, environment, path, key: action === "read" ? key : own };
  });
  const request = { url, identities, sdk: join(ROOT, "examples", "node", "package.json"), tries };
  const stdout = await run(probe.command(), [join(ROOT, "cli", "probes", probe.script)], JSON.stringify(request));
  const byId = new Map(results.parse(JSON.parse(stdout)).map((result) => [result.id, result]));
  return cells.map((cell) => ({ ...cell, sdk: probe.sdk, seen: "unclear", detail: "no result", ...byId.get(cell.id) }));
}

function run(command: string, args: string[], input: string): Promise<string> {
  const limits = { timeout: 300_000, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, limits, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const lines = stderr.trim().split("\n");
      // Node ends its report of a crash with its version.
      const said = lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? "";
      reject(
        new Failure(`what the identities may do cannot be tried: ${said === "" ? `exit code ${error.code}` : said}`),
      );
    });
    // A program that ends early leaves nobody to read.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}
