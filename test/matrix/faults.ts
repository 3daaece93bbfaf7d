import type { MatrixRow } from "../../cli/commands/matrix";
import { limits } from "../../infra/api/http";
import { compare, type Census } from "../support/census";
import { ProgramLab } from "../support/program-lab";

/** A failure that the sandbox makes on order, see sandbox/faults.ts. */
interface Fault {
  name: string;
  rule: { [field: string]: unknown };
  /** What a route that may not be repeated makes of it, and one that may. `lasting` faults never end by themselves. */
  lasting?: boolean;
}

const FAULTS: Fault[] = [
  { name: "429, Retry-After 1 s", rule: { kind: "status", status: 429, retryAfter: 1 } },
  { name: "429 without Retry-After", rule: { kind: "status", status: 429 } },
  { name: "502", rule: { kind: "status", status: 502 } },
  { name: "503", rule: { kind: "status", status: 503 } },
  { name: "500", rule: { kind: "status", status: 500 } },
  { name: "connection reset", rule: { kind: "drop-before" } },
  { name: "answer lost", rule: { kind: "drop-after" } },
  { name: "hangs", rule: { kind: "hang", ms: 3_000 } },
  { name: "429 for ever", rule: { kind: "status", status: 429, nth: "every" }, lasting: true },
  { name: "503 for ever", rule: { kind: "status", status: 503, nth: "every" }, lasting: true },
];

interface Route {
  method: string;
  path: string;
}

/** One of each kind of request of an `up`. */
const ROUTES: Route[] = [
  { method: "GET", path: "^/api/v1/admin/config$" },
  { method: "POST", path: "^/api/v1/admin/signup$" },
  { method: "POST", path: "^/api/v3/auth/login$" },
  { method: "PATCH", path: "^/api/v1/organization/" },
  { method: "POST", path: "^/api/v1/identities/search$" },
  { method: "POST", path: "^/api/v1/identities$" },
  { method: "POST", path: "/universal-auth/identities/[^/]+$" },
  { method: "POST", path: "/client-secrets$" },
  { method: "POST", path: "/universal-auth/login$" },
  { method: "GET", path: "^/api/v1/projects/slug/" },
  { method: "POST", path: "^/api/v1/projects$" },
  { method: "POST", path: "/environments$" },
  { method: "POST", path: "^/api/v1/projects/[^/]+/memberships$" },
  { method: "POST", path: "^/api/v1/projects/[^/]+/memberships/identities/" },
  { method: "POST", path: "^/api/v2/folders$" },
  { method: "POST", path: "^/api/v2/identity-project-additional-privilege$" },
  { method: "GET", path: "^/api/v4/secrets$" },
  { method: "PATCH", path: "^/api/v4/secrets/batch$" },
];

/** Of the routes, a run in CI takes so many for each failure; the next failure takes the next ones. */
const SAMPLE = 6;

/** Bounds of a call in this table, in milliseconds; the real ones are thirty times as long. */
const BOUNDS = { answerWithin: 1_000, giveUpAfter: 3_000, firstPause: 20, longestPause: 500 };

/**
 * Orders each failure on each route while an `up` runs: it either goes through, or ends with a message within the bounds,
 * and the next `up` goes through; nothing is made twice either way.
 * @param sample only the part that CI runs.
 */
export async function rows({ sample = false }: { sample?: boolean } = {}): Promise<MatrixRow[]> {
  const lab = await ProgramLab.open();
  Object.assign(limits, BOUNDS);
  try {
    await lab.begin();
    await lab.engine.up();
    const wanted = await lab.census();
    const result: MatrixRow[] = [];
    for (const [index, fault] of FAULTS.entries()) {
      const routes = sample ? ROUTES.filter((_, place) => (place + index) % (ROUTES.length / SAMPLE) === 0) : ROUTES;
      result.push(await rowOf(lab, fault, routes, wanted));
    }
    return result;
  } finally {
    await lab.close();
  }
}

interface Tried {
  route: Route;
  through: boolean;
  seconds: number;
  problems: string[];
}

async function rowOf(lab: ProgramLab, fault: Fault, routes: Route[], wanted: Census): Promise<MatrixRow> {
  const tried: Tried[] = [];
  for (const route of routes) tried.push(await attempt(lab, fault, route, wanted));
  const through = tried.filter(({ through }) => through).length;
  const longest = Math.max(...tried.map(({ seconds }) => seconds));
  const problems = tried.flatMap(({ route, problems: found }) =>
    found.map((problem) => `${route.method} ${route.path}: ${problem}`),
  );
  const explained = tried.length - through;
  const figures = `${tried.length} routes: ${through} went through, ${explained} explained and put right by the next up, longest ${longest.toFixed(1)} s`;
  return { case: fault.name, seen: [figures, ...problems].join("\n"), ok: problems.length === 0 };
}

async function attempt(lab: ProgramLab, fault: Fault, route: Route, wanted: Census): Promise<Tried> {
  await lab.begin();
  await order(lab, [{ ...route, ...fault.rule }]);
  const started = Date.now();
  const first = await lab.engine.up();
  const seconds = (Date.now() - started) / 1_000;
  await order(lab, []);
  const through = first.ended === "done";
  const problems = through ? [] : first.failures.flatMap(unexplained);
  if (fault.lasting === true && through) problems.push("went through although the failure lasts");
  // One call may use up its bound, and the lookup before its repetition another one.
  const bound = (3 * (BOUNDS.giveUpAfter + BOUNDS.answerWithin)) / 1_000 + 5;
  if (seconds > bound) problems.push(`took ${seconds} s, more than ${bound} s`);
  if (!through) {
    const again = await lab.upAgain();
    if (again.ended !== "done") problems.push(`the next up: ${again.failures.join("; ")}`);
  }
  const { doubles, losses } = compare(await lab.census(), wanted);
  problems.push(...doubles.map((one) => `double ${one}`), ...losses.map((one) => `lost ${one}`));
  return { route, through, seconds, problems };
}

/** A failure names the request and what was seen. */
function unexplained(failure: string): string[] {
  return /(GET|POST|PATCH|DELETE) \/api\/\S+/.test(failure)
    ? []
    : [`a message that does not name the request: ${failure}`];
}

async function order({ server }: ProgramLab, rules: object[]): Promise<void> {
  const url = `${server.url}/__sandbox/faults`;
  await fetch(url, { method: "DELETE" });
  if (rules.length === 0) return;
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(rules) });
  if (!answer.ok) throw new Error(`the sandbox does not take the order: ${await answer.text()}`);
}
