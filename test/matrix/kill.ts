import { messageOf } from "../../infra/api/fault";
import type { MatrixRow } from "../../cli/commands/matrix";
import { RequestKiller, type KillCase, type KillOutcome } from "../support/kill-at-requests";
import type Docker from "dockerode";
import { dockerIfReached, dockerObstacle } from "../support/engine";
import { dockerProblems, failed, onDocker } from "../support/docker-row";
import { COMPLETE, DOCKER_STEPS, GONE, unlike, type DockerStep } from "../support/kill-on-docker";
import { recordNotRun } from "../support/not-run";
import { compare, type Census } from "../support/census";
import { WholeStack, type WholeKill } from "../support/kill-whole";
import { sampleOf } from "../support/sample";

/** Kinds of kills at requests; each is tried at every request of a run. */
const KINDS: Omit<KillCase, "request">[] = [
  { run: "up", victim: "cli", when: "before", again: "npm run up" },
  { run: "up", victim: "cli", when: "after", again: "npm run up" },
  { run: "up", victim: "cli", when: "after", again: "pulumi up" },
  { run: "up", victim: "provider", when: "before", again: "npm run up" },
  { run: "up", victim: "provider", when: "after", again: "npm run up" },
  { run: "up", victim: "provider", when: "after", again: "pulumi up" },
  { run: "up", victim: "server", when: "before", again: "npm run up" },
  { run: "up", victim: "server", when: "after", again: "npm run up" },
  { run: "up", victim: "server", when: "after", again: "pulumi up" },
  { run: "destroy", victim: "cli", when: "after", again: "destroy" },
  { run: "destroy", victim: "provider", when: "before", again: "destroy" },
  { run: "destroy", victim: "provider", when: "after", again: "destroy" },
  { run: "destroy", victim: "server", when: "before", again: "destroy" },
  { run: "destroy", victim: "server", when: "after", again: "destroy" },
];

/** Of the requests that change nothing, a run in CI takes so many by chance of each kind, always the same ones. */
const SAMPLE = 2;

/**
 * Kills at every request of `up` and of `destroy`, and at the steps of containers where there is Docker.
 * @param sample Only what CI runs: every kill after a request that changes something, and a fixed sample of the others.
 */
export async function rows({ sample = false }: { sample?: boolean } = {}): Promise<MatrixRow[]> {
  const { rows: atRequests, changing, afterUp } = await requestRows(sample);
  return [...atRequests, ...(await wholeRows(afterUp, changing, sample)), ...(await dockerRows(afterUp, sample))];
}

/** Kills on the small engine: hundreds of cases. What is in a server after an unbroken `up` is found out on the way. */
export async function requestRows(sample: boolean): Promise<{ rows: MatrixRow[]; changing: number; afterUp: Census }> {
  const killer = await RequestKiller.open();
  try {
    const result: MatrixRow[] = [];
    for (const kind of KINDS) result.push(await rowOf(killer, kind, sample));
    const changing = killer.requests.up.filter((request) => !request.startsWith("GET ")).length;
    return { rows: result, changing, afterUp: killer.afterUp };
  } finally {
    await killer.close();
  }
}

/** Kills of whole runs: how many of the requests that change something a run in CI takes of each kind. */
const WHOLE: { victim: WholeKill["victim"]; when: WholeKill["when"]; sample: number }[] = [
  { victim: "cli", when: "after", sample: 1 },
  { victim: "cli", when: "before", sample: 1 },
  { victim: "provider", when: "after", sample: 1 },
  { victim: "server", when: "after", sample: 1 },
];

/** The same with the real CLI, its plugins and the sandbox as processes, taken up again as `npm run up` does it. */
export async function wholeRows(wanted: Census, changing: number, sample: boolean): Promise<MatrixRow[]> {
  const all = Array.from({ length: changing }, (_, index) => index + 1);
  const result: MatrixRow[] = [];
  for (const { victim, when, sample: size } of WHOLE) {
    const chosen = sample ? sampleOf(all, size, `whole ${victim} ${when}`) : all;
    const outcomes: { request: number; outcome: KillOutcome }[] = [];
    for (const request of chosen) {
      outcomes.push({ request, outcome: await wholeOutcome({ victim, when, request }, wanted) });
    }
    result.push(summarized(`whole up: ${victim} killed ${when} the request, then npm run up`, changing, outcomes));
  }
  return result;
}

async function wholeOutcome(kill: WholeKill, wanted: Census): Promise<KillOutcome> {
  const whole = await WholeStack.open();
  const problems: string[] = [];
  let outcome: KillOutcome = { hit: undefined, problems, doubles: [], losses: [] };
  try {
    const hit = await whole.killedUp(kill);
    const again = await whole.again("up");
    if (again.code !== 0) problems.push(`npm run up: exit code ${again.code}\n${again.text}`);
    const preview = await whole.stack.run(["preview", "--expect-no-changes"]);
    if (preview.code !== 0) problems.push("a second preview wants to change something");
    outcome = { hit, problems, ...compare(await whole.census(), wanted) };
  } catch (thrown) {
    problems.push(messageOf(thrown));
  }
  await whole.stack.dispose().catch((thrown: unknown) => problems.push(String(thrown)));
  return { ...outcome, hit: outcome.hit ?? `request ${kill.request}` };
}

/** Steps on Docker that a run in CI takes. */
const DOCKER_SAMPLE = ["the Postgres container is made", "the server's container is removed"];

/** Kills at the steps of containers; where there is no Docker, that is said. */
export async function dockerRows(wanted: Census, sample: boolean): Promise<MatrixRow[]> {
  const obstacle = dockerObstacle();
  const engine = await dockerIfReached();
  if (obstacle !== undefined || engine === undefined) {
    const reason = obstacle ?? "no Docker engine";
    recordNotRun("kills at the steps of containers", reason);
    return [{ case: "Docker: cli killed at the steps of containers", seen: `not run: ${reason}`, ok: true }];
  }
  const steps = DOCKER_STEPS.filter(({ what }) => !sample || DOCKER_SAMPLE.includes(what));
  const result: MatrixRow[] = [];
  for (const step of steps) result.push(await dockerRow(engine, step, wanted));
  if (!sample) result.push(await byHandRow(engine, wanted));
  return result;
}

async function dockerRow(engine: Docker, step: DockerStep, wanted: Census): Promise<MatrixRow> {
  const title = `Docker ${step.run}: cli killed when ${step.what}, then npm run ${step.run}`;
  return onDocker(engine, title, async (docker) => {
    if (step.run === "down") await docker.stack.up();
    const hit = await docker.killedAt(step);
    const again = await docker.again(step.run);
    const problems = [...(hit ? [] : ["the step was not met"]), ...failed(again, `npm run ${step.run}`)];
    // What is wrong after a run that failed says nothing new, and asking a server that is not there hides why it failed.
    if (again.code !== 0) return problems;
    if (step.run === "down") return [...problems, ...unlike(await docker.seen(), GONE)];
    return [...problems, ...(await dockerProblems(docker, wanted))];
  });
}

/** Containers that somebody removed come back, and nothing is lost in it. */
function byHandRow(engine: Docker, wanted: Census): Promise<MatrixRow> {
  return onDocker(engine, "Docker: all containers removed by hand, then npm run up", async (docker) => {
    await docker.stack.up();
    for (const role of COMPLETE.containers) await docker.removeContainer(role);
    const again = await docker.again("up");
    return again.code === 0 ? dockerProblems(docker, wanted) : failed(again, "npm run up");
  });
}

async function rowOf(killer: RequestKiller, kind: Omit<KillCase, "request">, sample: boolean): Promise<MatrixRow> {
  const requests = killer.requests[kind.run];
  const all = requests.map((_, index) => index + 1);
  const changing = all.filter((request) => !requests[request - 1]?.startsWith("GET "));
  const chosen = sample
    ? sampleOf(
        all,
        SAMPLE,
        `${kind.run} ${kind.victim} ${kind.when} ${kind.again}`,
        kind.when === "after" ? changing : [],
      )
    : all;
  const outcomes: { request: number; outcome: KillOutcome }[] = [];
  for (const request of chosen) outcomes.push({ request, outcome: await killer.try({ ...kind, request }) });
  const title = `${kind.run}: ${kind.victim} killed ${kind.when} the request, then ${kind.again}`;
  return summarized(title, requests.length, outcomes);
}

function summarized(
  title: string,
  boundaries: number,
  outcomes: { request: number; outcome: KillOutcome }[],
): MatrixRow {
  const tried = outcomes.filter(({ outcome }) => outcome.hit !== undefined);
  const converged = tried.filter(({ outcome }) => outcome.problems.length === 0).length;
  const doubles = tried.reduce((sum, { outcome }) => sum + outcome.doubles.length, 0);
  const losses = tried.reduce((sum, { outcome }) => sum + outcome.losses.length, 0);
  const wrong = tried.flatMap(({ request, outcome }) =>
    [
      ...outcome.problems,
      ...outcome.doubles.map((double) => `double ${double}`),
      ...outcome.losses.map((loss) => `lost ${loss}`),
    ].map((problem) => `request ${request}, ${outcome.hit ?? ""}: ${problem}`),
  );
  const figures = `${boundaries} requests, ${tried.length} tried, ${converged} converged, ${doubles} doubles, ${losses} losses`;
  return {
    case: title,
    seen: [figures, ...wrong].join("\n"),
    ok: wrong.length === 0 && tried.length > 0,
  };
}
