import type { JWTPayload } from "jose";
import { unauthorized } from "../http/api-error.js";
import { isUuid } from "../http/uuid.js";
import { MAX_IDENTITY_TOKEN_AGE_SECONDS, type Profile } from "../profile.js";
import { queryOne, queryRow, type Queryable } from "../store/store.js";
import type { IdentityActor } from "./actor.js";
import type { Tokens } from "./tokens.js";

/** A row of `access_tokens`; life times in seconds, 0 = no end. */
export interface IdentityTokenRow {
  readonly id: string;
  readonly identity_id: string;
  readonly auth_method: string;
  readonly client_secret_id: string | null;
  readonly name: string | null;
  readonly ttl: number;
  readonly max_ttl: number;
  readonly period: number;
  readonly num_uses: number;
  readonly num_uses_limit: number;
  readonly last_used_at: Date | null;
  readonly last_renewed_at: Date | null;
  readonly revoked: boolean;
  readonly auth_method_removed: boolean;
  readonly sub_organization_id: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

interface TokenOwner extends IdentityTokenRow {
  readonly identity_name: string | null;
  readonly org_id: string | null;
  readonly secret_revoked: boolean | null;
}

/**
 * The identity behind a verified identity token; counts one use when the token's uses are limited.
 * @throws ApiError 401 when the token is revoked, used up, too old, or what it stands on is gone.
 */
export async function useIdentityToken(store: Queryable, profile: Profile, claims: JWTPayload): Promise<IdentityActor> {
  const token = await liveIdentityToken(store, profile, claims, "Failed to authorize");
  if (token.num_uses_limit > 0) await countUse(store, profile, token);
  if (token.org_id === null || token.identity_name === null) throw unauthorized(profile.removedAuthMethodMessage);
  return {
    kind: "identity",
    id: token.identity_id,
    name: token.identity_name,
    orgId: token.org_id,
    tokenId: token.id,
    authMethod: token.auth_method,
  };
}

/** The token's row with its owner. `what` begins the message for a revoked one where the profile knows such messages. */
export async function liveIdentityToken(
  store: Queryable,
  profile: Profile,
  claims: JWTPayload,
  what: "Failed to authorize" | "Cannot renew",
): Promise<TokenOwner> {
  if (
    claims.exp === undefined &&
    profile.endOfUnlimitedTokens !== undefined &&
    profile.endOfUnlimitedTokens < new Date()
  ) {
    throw unauthorized("Identity access token exceeded max age, please re-authenticate");
  }
  const token = await findToken(store, claims["identityAccessTokenId"]);
  const wording = (message: string): string => message.replace("Failed to authorize", what);
  if (token === undefined || token.revoked) throw unauthorized(wording(profile.revokedTokenMessage));
  if (token.auth_method_removed || token.org_id === null) throw unauthorized(wording(profile.removedAuthMethodMessage));
  if (profile.revokedSecretKillsTokens && token.secret_revoked === true) {
    throw unauthorized(`${what}: client secret has been revoked`);
  }
  return token;
}

async function findToken(store: Queryable, id: unknown): Promise<TokenOwner | undefined> {
  if (!isUuid(id)) return undefined;
  return queryOne<TokenOwner>(
    store,
    `select t.*, i.name as identity_name, i.org_id, s.revoked as secret_revoked from access_tokens t
       left join identities i on i.id = t.identity_id left join client_secrets s on s.id = t.client_secret_id
      where t.id = $1`,
    [id],
  );
}

async function countUse(store: Queryable, profile: Profile, token: IdentityTokenRow): Promise<void> {
  const counted = await queryOne(
    store,
    "update access_tokens set num_uses = num_uses + 1, last_used_at = now() where id = $1 and num_uses < num_uses_limit returning id",
    [token.id],
  );
  if (counted !== undefined) return;
  if (profile.usedUpTokenIsDeleted) await store.query("delete from access_tokens where id = $1", [token.id]);
  throw unauthorized(profile.usedUpTokenMessage);
}

export interface NewIdentityToken {
  readonly identity: { readonly id: string; readonly name: string; readonly orgId: string };
  readonly authMethod: "universal-auth" | "token-auth";
  readonly clientSecretId?: string;
  readonly name?: string;
  readonly ttl: number;
  readonly maxTtl: number;
  readonly period: number;
  readonly numUsesLimit: number;
  readonly subOrganizationId?: string;
}

/** Stores a token and signs it. The bootstrap token is never self-contained and never ends, on any profile. */
export async function issueIdentityToken(
  store: Queryable,
  tokens: Tokens,
  profile: Profile,
  fresh: NewIdentityToken,
  options: { readonly isBootstrap?: boolean } = {},
): Promise<{ readonly accessToken: string; readonly row: IdentityTokenRow }> {
  const selfContained = profile.selfContainedTokens && options.isBootstrap !== true;
  const row = await queryRow<IdentityTokenRow>(
    store,
    `insert into access_tokens (identity_id, auth_method, client_secret_id, name, ttl, max_ttl, period, num_uses_limit,
       sub_organization_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning *`,
    [
      fresh.identity.id,
      fresh.authMethod,
      fresh.clientSecretId ?? null,
      fresh.name ?? null,
      fresh.ttl,
      fresh.maxTtl,
      fresh.period,
      fresh.numUsesLimit,
      fresh.subOrganizationId ?? null,
    ],
  );
  const accessToken = await signIdentityToken(tokens, profile, fresh, row, selfContained, fresh.ttl);
  return { accessToken, row };
}

/** Signs a token of a stored row; `ttl` in seconds, 0 = no end where the profile allows it. */
export function signIdentityToken(
  tokens: Tokens,
  profile: Profile,
  owner: Pick<NewIdentityToken, "identity" | "authMethod">,
  row: IdentityTokenRow,
  selfContained: boolean,
  ttl: number,
): Promise<string> {
  const clientSecretId = row.client_secret_id ?? "";
  if (!selfContained) {
    const claims = {
      identityId: owner.identity.id,
      ...(clientSecretId === "" ? {} : { clientSecretId }),
      identityAccessTokenId: row.id,
      authTokenType: "identityAccessToken",
    };
    return tokens.sign(claims, ttl > 0 ? ttl : undefined);
  }
  const { id, name, orgId } = owner.identity;
  const claims = {
    identityId: id,
    identityName: name,
    authMethod: owner.authMethod,
    orgId,
    rootOrgId: orgId,
    parentOrgId: orgId,
    clientSecretId,
    identityAccessTokenId: row.id,
    ipRestrictionEnabled: true,
    accessTokenTTL: row.ttl,
    accessTokenMaxTTL: row.max_ttl,
    accessTokenPeriod: row.period,
    creationEpoch: Math.floor(row.created_at.getTime() / 1000),
    authTokenType: "identityAccessToken",
    identityAuth: {},
    jti: row.id,
  };
  return tokens.sign(claims, Math.min(ttl > 0 ? ttl : Infinity, MAX_IDENTITY_TOKEN_AGE_SECONDS));
}
