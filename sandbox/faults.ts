import { setTimeout as pause } from "node:timers/promises";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";

/**
 * Failures on order, for tests only (SANDBOX_FAULTS=1): lost answers, error statuses, hanging and dying.
 * Also keeps the request log, in which no body, query value or header is ever stored.
 */
const outcome = z.discriminatedUnion("kind", [
  /** The connection breaks before anything is done. */
  z.object({ kind: z.literal("drop-before") }),
  /** Everything is done, then the connection breaks without an answer. */
  z.object({ kind: z.literal("drop-after") }),
  /** Nothing is done; this status is answered. `retryAfter` in seconds. */
  z.object({
    kind: z.literal("status"),
    status: z.number().int().min(100).max(599),
    retryAfter: z.number().optional(),
    body: z.unknown().optional(),
  }),
  /** Waits, then goes on as usual, unless the client has gone meanwhile. */
  z.object({ kind: z.literal("hang"), ms: z.number().int().min(0) }),
  /** Everything is done, then the answer waits: time to kill whoever waits for it. */
  z.object({ kind: z.literal("hang-after"), ms: z.number().int().min(0) }),
  /** The process dies at once, before anything is done, without cleaning up. */
  z.object({ kind: z.literal("exit-before") }),
  /** Everything is done, then the process dies in the same way. */
  z.object({ kind: z.literal("exit-after") }),
]);

const ruleSchema = z
  .object({
    /** One method or several; any when left out. */
    method: z
      .union([
        z
          .string()
          .toUpperCase()
          .transform((one) => [one]),
        z.array(z.string().toUpperCase()),
      ])
      .optional(),
    /** Regular expression over the path without the query. */
    path: z.string().optional(),
    /** The how-manieth matching request from now it hits, from 1; "every" hits all. Default 1. */
    nth: z.union([z.number().int().min(1), z.literal("every")]).default(1),
    every: z.literal(true).optional(),
  })
  .and(outcome);

const planSchema = z.union([
  z.array(ruleSchema),
  z.object({ rules: z.array(ruleSchema) }).transform(({ rules }) => rules),
  ruleSchema.transform((rule) => [rule]),
]);
type Rule = z.infer<typeof ruleSchema>;

interface ArmedRule {
  readonly rule: Rule;
  readonly pattern: RegExp | undefined;
  seen: number;
}

interface LoggedRequest {
  readonly n: number;
  readonly method: string;
  readonly route: string | null;
  readonly path: string;
  /** null: no answer was sent (yet). */
  status: number | null;
  ms: number | null;
  fault?: Rule["kind"];
}

const CONTROL = "/__sandbox/";
const HEALTH = "/api/status";

export function addFaults(app: FastifyInstance): void {
  let armed: ArmedRule[] = [];
  let log: LoggedRequest[] = [];
  let counter = 0;
  const pending = new WeakMap<FastifyRequest, { entry: LoggedRequest; startedAt: number; rule: Rule | undefined }>();

  app.addHook("onRequest", async (request, reply) => {
    const path = pathOf(request);
    if (path.startsWith(CONTROL)) return;
    const rule = nextFault(armed, request.method, path);
    if (isHealth(path) && rule === undefined) return;
    const entry: LoggedRequest = {
      n: ++counter,
      method: request.method,
      route: request.routeOptions.url ?? null,
      path,
      status: null,
      ms: null,
      ...(rule === undefined ? {} : { fault: rule.kind }),
    };
    log.push(entry);
    pending.set(request, { entry, startedAt: performance.now(), rule });
    if (rule !== undefined) await failBefore(rule, request, reply);
  });
  app.addHook("onSend", async (request, reply, payload) => {
    const found = pending.get(request);
    const rule = found?.rule;
    if (found !== undefined && rule?.kind === "hang-after") {
      // The log tells that it is done.
      found.entry.status = reply.statusCode;
      await pause(rule.ms);
    }
    if (rule?.kind === "exit-after") process.kill(process.pid, "SIGKILL");
    if (rule?.kind === "drop-after") cut(request, reply);
    return payload;
  });
  app.addHook("onResponse", async (request, reply) => {
    const found = pending.get(request);
    if (found === undefined || request.raw.socket.destroyed) return;
    found.entry.status = reply.statusCode;
    found.entry.ms = Math.round((performance.now() - found.startedAt) * 10) / 10;
  });

  app.post("/__sandbox/faults", async (request, reply) => {
    const plan = planSchema.safeParse(request.body);
    if (!plan.success) return reply.status(422).send({ message: z.prettifyError(plan.error) });
    armed = [...armed, ...plan.data.map(arm)];
    return { rules: armed.length };
  });
  app.delete("/__sandbox/faults", async () => {
    armed = [];
    return { rules: 0 };
  });
  app.get("/__sandbox/requests", async () => ({ requests: log }));
  app.delete("/__sandbox/requests", async () => {
    log = [];
    counter = 0;
    return { requests: [] };
  });
}

const pathOf = (request: FastifyRequest): string => request.url.split("?", 1)[0] ?? request.url;
const isHealth = (path: string): boolean => path.replace(/\/+$/, "") === HEALTH;

function arm(rule: Rule): ArmedRule {
  return { rule, pattern: rule.path === undefined ? undefined : new RegExp(rule.path), seen: 0 };
}

/** Counts the request against every rule that it matches; the first rule whose turn it is hits. */
function nextFault(armed: readonly ArmedRule[], method: string, path: string): Rule | undefined {
  let hit: Rule | undefined;
  for (const candidate of armed) {
    const { rule, pattern } = candidate;
    if (rule.method !== undefined && !rule.method.includes(method)) continue;
    if (pattern !== undefined && !pattern.test(path)) continue;
    if (isHealth(path) && !(rule.path ?? "").includes("status")) continue;
    candidate.seen++;
    const isDue = rule.every === true || rule.nth === "every" || rule.nth === candidate.seen;
    if (isDue) hit ??= rule;
  }
  return hit;
}

async function failBefore(rule: Rule, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (rule.kind === "drop-before") cut(request, reply);
  if (rule.kind === "exit-before") process.kill(process.pid, "SIGKILL");
  if (rule.kind === "hang") {
    await pause(rule.ms);
    if (request.raw.socket.destroyed) cut(request, reply);
  }
  if (rule.kind === "status") {
    if (rule.retryAfter !== undefined) reply.header("retry-after", String(rule.retryAfter));
    const body = rule.body ?? { reqId: request.id, statusCode: rule.status, message: "Fault on order", error: "Fault" };
    await reply.status(rule.status).send(body);
  }
}

function cut(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  request.raw.socket.destroy();
}
