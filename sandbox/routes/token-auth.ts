import { issueIdentityToken, type IdentityTokenRow } from "../auth/identity-tokens.js";
import { badRequest, notFound } from "../http/api-error.js";
import { addRoute, ANYBODY, z } from "../http/route.js";
import { isUuid } from "../http/uuid.js";
import { noteLogin } from "../identity/identities.js";
import { storedTrustedIps, trustedIpsSchema, type TrustedIp } from "../identity/trusted-ips.js";
import { requireIdentity } from "../identity/universal-auths.js";
import { MAX_IDENTITY_TOKEN_AGE_SECONDS, type Profile } from "../profile.js";
import { isUniqueViolation, queryOne, queryRow, type Queryable } from "../store/store.js";
import type { RouteFile } from "./route-file.js";
import { secondsSchema } from "./universal-auth.js";

/** Token Auth: tokens that an administrator makes for an identity. Bootstrap's identity has it. */
export const addTokenAuthRoutes: RouteFile = (app, sandbox) => {
  addMethodRoutes(app, sandbox);
  addTokenRoutes(app, sandbox);
  addRevokeRoute(app, sandbox);
};

const BASE = "/api/v1/auth/token-auth/identities/:identityId";
const ofIdentity = z.object({ identityId: z.string() });

interface TokenAuthRow {
  readonly id: string;
  readonly identity_id: string;
  readonly access_token_ttl: number;
  readonly access_token_max_ttl: number;
  readonly access_token_num_uses_limit: number;
  readonly access_token_period: number;
  readonly access_token_trusted_ips: readonly TrustedIp[];
  readonly created_at: Date;
  readonly updated_at: Date;
}

const addMethodRoutes: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: BASE,
    access: ANYBODY,
    params: ofIdentity,
    async handle({ actor, params }) {
      await requireIdentity(sandbox, actor, params.identityId, "read");
      return { identityTokenAuth: tokenAuthView(await requireTokenAuth(sandbox.store, params.identityId)) };
    },
  });
  addRoute(app, sandbox, {
    method: "POST",
    path: BASE,
    access: ANYBODY,
    params: ofIdentity,
    body: z.object({
      accessTokenTrustedIps: trustedIpsSchema.default([{ ipAddress: "0.0.0.0/0" }, { ipAddress: "::/0" }]),
      accessTokenTTL: secondsSchema.default(2_592_000),
      accessTokenMaxTTL: secondsSchema.default(2_592_000),
      accessTokenNumUsesLimit: z.number().int().min(0).default(0),
    }),
    async handle({ actor, params, body }) {
      await requireIdentity(sandbox, actor, params.identityId, "create");
      try {
        const attached = await queryRow<TokenAuthRow>(
          sandbox.store,
          `insert into token_auths (identity_id, access_token_ttl, access_token_max_ttl, access_token_num_uses_limit,
             access_token_trusted_ips) values ($1, $2, $3, $4, $5) returning *`,
          [
            params.identityId,
            body.accessTokenTTL,
            body.accessTokenMaxTTL,
            body.accessTokenNumUsesLimit,
            JSON.stringify(storedTrustedIps(body.accessTokenTrustedIps)),
          ],
        );
        return { identityTokenAuth: tokenAuthView(attached) };
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        throw badRequest("Failed to add Token Auth to already configured identity");
      }
    },
  });
};

const addTokenRoutes: RouteFile = (app, sandbox) => {
  const { profile, store, tokens } = sandbox;
  addRoute(app, sandbox, {
    method: "GET",
    path: `${BASE}/tokens`,
    access: ANYBODY,
    params: ofIdentity,
    async handle({ actor, params }) {
      await requireIdentity(sandbox, actor, params.identityId, "read");
      await requireTokenAuth(store, params.identityId);
      const rows = await store.query<IdentityTokenRow>(
        "select * from access_tokens where identity_id = $1 and auth_method = 'token-auth' order by created_at",
        [params.identityId],
      );
      return { tokens: rows.map((row) => tokenView(row)) };
    },
  });
  addRoute(app, sandbox, {
    method: "POST",
    path: `${BASE}/tokens`,
    access: ANYBODY,
    params: ofIdentity,
    body: z.object({ name: z.string().optional() }),
    async handle({ actor, params, body }) {
      const identity = await requireIdentity(sandbox, actor, params.identityId, "create");
      const method = await requireTokenAuth(store, identity.id);
      const { accessToken, row } = await issueIdentityToken(store, tokens, profile, {
        identity: { id: identity.id, name: identity.name, orgId: identity.org_id },
        authMethod: "token-auth",
        ...(body.name === undefined ? {} : { name: body.name }),
        ttl: method.access_token_ttl,
        maxTtl: method.access_token_max_ttl,
        period: method.access_token_period,
        numUsesLimit: method.access_token_num_uses_limit,
      });
      await noteLogin(store, identity.id, "token-auth");
      return {
        accessToken,
        expiresIn: method.access_token_ttl,
        accessTokenMaxTTL: method.access_token_max_ttl,
        tokenType: "Bearer",
        tokenData: tokenView({ ...row, ttl: shownTtl(profile, row.ttl) }),
      };
    },
  });
};

/** A self-contained token always ends; its making says when. */
const shownTtl = (profile: Profile, ttl: number): number =>
  profile.selfContainedTokens && ttl === 0 ? MAX_IDENTITY_TOKEN_AGE_SECONDS : ttl;

const addRevokeRoute: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v1/auth/token-auth/tokens/:tokenId/revoke",
    access: ANYBODY,
    params: z.object({ tokenId: z.string() }),
    async handle({ actor, params }) {
      const token = isUuid(params.tokenId)
        ? await queryOne<IdentityTokenRow>(
            sandbox.store,
            "select * from access_tokens where id = $1 and auth_method = 'token-auth'",
            [params.tokenId],
          )
        : undefined;
      if (token === undefined) throw notFound(`Failed to find token with ID ${params.tokenId}`);
      await requireIdentity(sandbox, actor, token.identity_id, "delete");
      await sandbox.store.query("update access_tokens set revoked = true, updated_at = now() where id = $1", [
        token.id,
      ]);
      return { message: "Successfully revoked access token" };
    },
  });
};

async function requireTokenAuth(source: Queryable, identityId: string): Promise<TokenAuthRow> {
  const row = await queryOne<TokenAuthRow>(source, "select * from token_auths where identity_id = $1", [identityId]);
  if (row === undefined) throw badRequest("The identity does not have token auth");
  return row;
}

function tokenAuthView(row: TokenAuthRow): Record<string, unknown> {
  return {
    id: row.id,
    accessTokenTTL: row.access_token_ttl,
    accessTokenMaxTTL: row.access_token_max_ttl,
    accessTokenNumUsesLimit: row.access_token_num_uses_limit,
    accessTokenTrustedIps: row.access_token_trusted_ips,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    identityId: row.identity_id,
    accessTokenPeriod: row.access_token_period,
  };
}

function tokenView(row: IdentityTokenRow): Record<string, unknown> {
  return {
    id: row.id,
    accessTokenTTL: row.ttl,
    accessTokenMaxTTL: row.max_ttl,
    accessTokenNumUses: row.num_uses,
    accessTokenNumUsesLimit: row.num_uses_limit,
    accessTokenLastUsedAt: row.last_used_at,
    accessTokenLastRenewedAt: row.last_renewed_at,
    isAccessTokenRevoked: row.revoked,
    identityUAClientSecretId: row.client_secret_id,
    identityId: row.identity_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    name: row.name,
    authMethod: row.auth_method,
    accessTokenPeriod: row.period,
    subOrganizationId: row.sub_organization_id,
  };
}
