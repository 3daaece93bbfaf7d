import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
// The server answers 422 with the issues of zod 3, whose shape differs from zod 4's; zod 4 ships zod 3 under this name.
import { z } from "zod/v3";
import type { Actor, ActorKind } from "../auth/actor.js";
import { requireActor } from "../auth/actors.js";
import type { Sandbox } from "../sandbox.js";
import { ApiError } from "./api-error.js";

export { z };

/** Who may call a route: nobody checks ("none"), a token is used when there is one ("optional"), or these kinds only. */
type Access = "none" | "optional" | readonly ActorKind[];

export interface Call<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Who calls. @throws when the route's access is "none" or "optional" and there is nobody: use `maybeActor` there. */
  readonly actor: Actor;
  readonly maybeActor: Actor | undefined;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export interface RouteDefinition<Params extends z.ZodTypeAny, Query extends z.ZodTypeAny, Body extends z.ZodTypeAny> {
  readonly method: HTTPMethods;
  readonly path: string;
  readonly access: Access;
  /** A user's token without an organization is enough (login pages); otherwise it is 401. */
  readonly withoutOrganization?: boolean;
  readonly params?: Params;
  readonly query?: Query;
  /** Unknown fields are dropped in silence, as on the real server. */
  readonly body?: Body;
  /** The returned value is the JSON answer with status 200. Throw an ApiError for anything else. */
  handle(call: Call<z.output<Params>, z.output<Query>, z.output<Body>>): Promise<unknown>;
}

export const USER: readonly ActorKind[] = ["user"];
export const IDENTITY: readonly ActorKind[] = ["identity"];
export const ANYBODY: readonly ActorKind[] = ["user", "identity"];

/**
 * Adds one route. The order is the real server's: token (401, 403), then its kind (403), then validation (422), then the
 * handler with its permissions.
 */
export function addRoute<
  Params extends z.ZodTypeAny = z.ZodUnknown,
  Query extends z.ZodTypeAny = z.ZodUnknown,
  Body extends z.ZodTypeAny = z.ZodUnknown,
>(app: FastifyInstance, sandbox: Sandbox, definition: RouteDefinition<Params, Query, Body>): void {
  const actors = new WeakMap<FastifyRequest, Actor>();
  app.route({
    method: definition.method,
    url: definition.path,
    onRequest: async (request) => {
      const actor = await actorOf(sandbox, request, definition);
      if (actor !== undefined) actors.set(request, actor);
    },
    handler: async (request, reply) => {
      const actor = actors.get(request);
      const call: Call<z.output<Params>, z.output<Query>, z.output<Body>> = {
        params: validated(definition.params, request.params),
        body: validated(definition.body, request.body ?? null),
        query: validated(definition.query, request.query),
        maybeActor: actor,
        get actor() {
          if (actor === undefined) throw new Error(`${definition.path} asks for an actor that it does not require`);
          return actor;
        },
        request,
        reply,
      };
      const answer = await definition.handle(call);
      return reply.sent ? reply : reply.send(answer ?? {});
    },
  });
}

async function actorOf(
  sandbox: Sandbox,
  request: FastifyRequest,
  definition: { readonly access: Access; readonly withoutOrganization?: boolean },
): Promise<Actor | undefined> {
  const { access } = definition;
  if (access === "none") return undefined;
  if (access === "optional") {
    if (request.headers.authorization === undefined) return undefined;
    return sandbox.actors.authenticate(request).catch((error: unknown) => {
      if (error instanceof ApiError) return undefined;
      throw error;
    });
  }
  const actor = await sandbox.actors.authenticate(request);
  requireActor(actor, access, request.url, definition.withoutOrganization ?? false);
  return actor;
}

function validated<Schema extends z.ZodTypeAny>(schema: Schema | undefined, value: unknown): z.output<Schema> {
  return schema === undefined ? value : schema.parse(value);
}
