import { setTimeout as sleep } from "node:timers/promises";
import { send, type PlainAnswer, type PlainRequest } from "./http.js";
import { INTERVENTIONS, type Stage } from "./interventions.js";
import { isObject, routeOf, type Exchange, type Json } from "./recording.js";
import { shapeDifferences } from "./shape.js";
import { valueDifferences } from "./values.js";

/** How one exchange went. `not served`: the live server has no such route. */
export type Verdict = "same" | "not served" | "deviates" | "not replayed";

export interface Outcome {
  /** `55` or `sdk-node:3`. */
  id: string;
  name: string;
  route: string;
  verdict: Verdict;
  differences: string[];
}

/**
 * Sends the exchanges in their order and compares each answer with the recorded one: status, error name, JSON shape,
 * and every value that is not generated.
 *
 * @param prefix set before the number to make ids of outcomes; "" for the server's own recording.
 * @param skip ids that cannot be replayed: not sent, verdict "not replayed".
 */
export async function replay(stage: Stage, exchanges: Exchange[], skip: Set<string>, prefix = ""): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const exchange of exchanges) {
    const id = `${prefix}${exchange.n}`;
    const about = { id, name: exchange.name, route: routeOf(exchange) };
    stage.mapping.noteGiven(exchange.request.body);
    if (skip.has(id)) {
      outcomes.push({ ...about, verdict: "not replayed", differences: [] });
      continue;
    }
    const differences = await replayOne(stage, exchange, id);
    outcomes.push({ ...about, verdict: verdictOf(differences), differences });
  }
  return outcomes;
}

const NO_ROUTE = "no such route here";

const POLL_MS = 150;

async function replayOne(stage: Stage, exchange: Exchange, id: string): Promise<string[]> {
  const intervention = INTERVENTIONS[id];
  try {
    await intervention?.before?.(stage);
    const plain = liveRequest(exchange, stage);
    const request = intervention?.rewrite?.(plain, stage) ?? plain;
    const until = Date.now() + (intervention?.within?.(stage) ?? 0);
    let differences = await attempt(stage, exchange, request, id);
    while (differences.length > 0 && Date.now() < until) {
      await sleep(POLL_MS);
      differences = await attempt(stage, exchange, request, id);
    }
    return differences;
  } catch (problem) {
    return [`not answered: ${problem instanceof Error ? problem.message : String(problem)}`];
  }
}

async function attempt(stage: Stage, exchange: Exchange, request: PlainRequest, id: string): Promise<string[]> {
  const answer = await send(stage.origin, request);
  stage.etags.set(id, answer.headers["etag"] ?? "");
  return differencesOf(exchange, answer, stage);
}

function liveRequest(exchange: Exchange, { mapping }: Stage): PlainRequest {
  const { method, path, headers, body } = exchange.request;
  const liveHeaders = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, mapping.toLiveText(value)]),
  );
  return { method, path: mapping.toLiveText(path), headers: liveHeaders, body: mapping.toLive(body) };
}

function differencesOf(exchange: Exchange, answer: PlainAnswer, { mapping }: Stage): string[] {
  const recorded = exchange.response;
  if (isMissingRoute(answer.body) && !isMissingRoute(recorded.body)) return [NO_ROUTE];
  if (answer.status !== recorded.status) {
    return [`status ${answer.status} instead of ${recorded.status}: ${messageOf(answer.body)}`];
  }
  mapping.learn(recorded.body, answer.body);
  mapping.learnCookies(recorded.setCookie ?? [], answer.setCookie);
  return [
    ...shapeDifferences(recorded.body, answer.body, exchange.cut === true),
    ...valueDifferences(recorded.body, answer.body, mapping),
    ...cookieDifferences(recorded.setCookie ?? [], answer.setCookie),
  ];
}

/** Cookies that the recording has must come with the same attributes. */
function cookieDifferences(recorded: string[], live: string[]): string[] {
  const attributes = (line: string): string => line.replace(/=[^;]*/, "");
  return recorded
    .filter((line) => !live.some((other) => attributes(other) === attributes(line)))
    .map((line) => `set-cookie ${attributes(line)}: missing`);
}

function isMissingRoute(body: Json): boolean {
  return isObject(body) && body["error"] === "Not Found" && String(body["message"]).startsWith("Route ");
}

function messageOf(body: Json): string {
  const text = isObject(body) ? JSON.stringify(body["message"] ?? null) : String(body);
  return text.slice(0, 200);
}

function verdictOf(differences: string[]): Verdict {
  if (differences.length === 0) return "same";
  return differences[0] === NO_ROUTE ? "not served" : "deviates";
}
