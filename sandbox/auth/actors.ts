import type { FastifyRequest } from "fastify";
import type { JWTPayload } from "jose";
import { forbidden, tokenError, unauthorized } from "../http/api-error.js";
import { isUuid } from "../http/uuid.js";
import { queryOne, type Store } from "../store/store.js";
import type { Actor, ActorKind, UserActor } from "./actor.js";
import { useIdentityToken } from "./identity-tokens.js";
import type { Profile } from "../profile.js";
import type { Tokens } from "./tokens.js";

export interface Actors {
  /** @throws ApiError 401 without a usable token, 403 TokenError for one that is malformed, forged or expired. */
  authenticate(request: FastifyRequest): Promise<Actor>;
}

export function createActors(store: Store, tokens: Tokens, profile: Profile): Actors {
  return {
    async authenticate(request) {
      const token = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
      if (token === undefined) throw unauthorized("Token missing");
      const claims = await tokens.verify(token);
      if (claims["authTokenType"] === "identityAccessToken") return useIdentityToken(store, profile, claims);
      if (claims["authTokenType"] === "accessToken") return sessionOf(store, claims);
      throw tokenError(
        "The provided access token is malformed. Please use a valid token or generate a new one and try again.",
      );
    },
  };
}

/** @throws ApiError 401 for a user without an organization, 403 for a kind that the route is not open to. */
export function requireActor(
  actor: Actor,
  kinds: readonly ActorKind[],
  url: string,
  withoutOrganization: boolean,
): void {
  const message = "You are not allowed to access this resource";
  if (!kinds.includes(actor.kind)) throw forbidden(message, `Forbidden access to ${url}`);
  if (actor.orgId === null && !withoutOrganization) {
    throw unauthorized(message, `${url} Unauthorized Access, no organization found in request`);
  }
}

/** The organization that the actor's token is scoped to; routes that require an actor have checked that there is one. */
export function organizationOf(actor: Actor): string {
  if (actor.orgId === null) throw unauthorized("You are not allowed to access this resource");
  return actor.orgId;
}

async function sessionOf(store: Store, claims: JWTPayload): Promise<UserActor> {
  const { userId, tokenVersionId, accessVersion, organizationId } = claims;
  const session = isUuid(tokenVersionId)
    ? await queryOne<{ email: string; super_admin: boolean }>(
        store,
        `select u.email, u.super_admin from sessions s join users u on u.id = s.user_id
          where s.id = $1 and u.id = $2 and s.access_version = $3 and (s.ended_at is null or s.ended_at > now())`,
        [tokenVersionId, userId, accessVersion],
      )
    : undefined;
  if (session === undefined) throw unauthorized("User session is no longer valid", "Invalid session");
  return {
    kind: "user",
    id: String(userId),
    email: session.email,
    sessionId: String(tokenVersionId),
    orgId: typeof organizationId === "string" ? organizationId : null,
    isSuperAdmin: session.super_admin,
  };
}

/** @throws ApiError 403 when the resource belongs to another organization than the actor's token. */
export function requireOwnOrganization(actor: Actor, orgId: string): void {
  const own = organizationOf(actor);
  if (own === orgId) return;
  throw forbidden(
    `Your token is scoped to organization with ID ${own}, but this resource belongs to a different organization.`,
  );
}
