import { badRequest, notFound } from "../http/api-error.js";
import type { Actor } from "../auth/actor.js";
import { requireOwnOrganization } from "../auth/actors.js";
import type { Sandbox } from "../sandbox.js";
import { queryOne, type Queryable } from "../store/store.js";
import { findIdentity, type IdentityRow } from "./identities.js";
import type { LockoutPolicy } from "./lockout.js";
import type { TrustedIp } from "./trusted-ips.js";

/** Universal Auth of an identity; times in seconds, 0 = no end or no limit. */
export interface UniversalAuthRow {
  readonly id: string;
  readonly identity_id: string;
  readonly client_id: string;
  readonly access_token_ttl: number;
  readonly access_token_max_ttl: number;
  readonly access_token_num_uses_limit: number;
  /** Life of a token that may be renewed for ever; 0: ttl and max ttl count instead. */
  readonly access_token_period: number;
  readonly client_secret_trusted_ips: readonly TrustedIp[];
  readonly access_token_trusted_ips: readonly TrustedIp[];
  readonly lockout_enabled: boolean;
  readonly lockout_threshold: number;
  readonly lockout_duration_seconds: number;
  readonly lockout_counter_reset_seconds: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export interface ClientSecretRow {
  readonly id: string;
  readonly universal_auth_id: string;
  readonly secret_hash: string;
  readonly prefix: string;
  readonly description: string;
  readonly ttl: number;
  readonly num_uses: number;
  readonly num_uses_limit: number;
  readonly revoked: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export const findUniversalAuth = (source: Queryable, identityId: string): Promise<UniversalAuthRow | undefined> =>
  queryOne<UniversalAuthRow>(source, "select * from universal_auths where identity_id = $1", [identityId]);

/** @throws ApiError 400 when the identity has none; `get` answers 404 instead. */
export async function requireUniversalAuth(source: Queryable, identityId: string): Promise<UniversalAuthRow> {
  const found = await findUniversalAuth(source, identityId);
  if (found === undefined) throw badRequest("The identity does not have universal auth");
  return found;
}

/**
 * The identity, when the actor may do `action` on identities where it lives: in its project, or in the organization.
 * @throws ApiError 404 or 403.
 */
export async function requireIdentity(
  sandbox: Sandbox,
  actor: Actor,
  identityId: string,
  action: "create" | "read" | "edit" | "delete",
): Promise<IdentityRow> {
  const identity = await findIdentity(sandbox.store, identityId);
  if (identity === undefined) throw notFound(`Failed to find identity with ID ${identityId}`);
  requireOwnOrganization(actor, identity.org_id);
  const grants =
    identity.project_id === null
      ? await sandbox.permissions.inOrganization(actor)
      : await sandbox.permissions.inProject(actor, identity.project_id);
  grants.require(action, "identity");
  return identity;
}

export const lockoutPolicyOf = (row: UniversalAuthRow): LockoutPolicy => ({
  identityId: row.identity_id,
  enabled: row.lockout_enabled,
  threshold: row.lockout_threshold,
  durationSeconds: row.lockout_duration_seconds,
  counterResetSeconds: row.lockout_counter_reset_seconds,
});

export function universalAuthView(row: UniversalAuthRow): Record<string, unknown> {
  return {
    id: row.id,
    clientId: row.client_id,
    accessTokenTTL: row.access_token_ttl,
    accessTokenMaxTTL: row.access_token_max_ttl,
    accessTokenNumUsesLimit: row.access_token_num_uses_limit,
    clientSecretTrustedIps: row.client_secret_trusted_ips,
    accessTokenTrustedIps: row.access_token_trusted_ips,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    identityId: row.identity_id,
    accessTokenPeriod: row.access_token_period,
    lockoutEnabled: row.lockout_enabled,
    lockoutThreshold: row.lockout_threshold,
    lockoutDurationSeconds: row.lockout_duration_seconds,
    lockoutCounterResetSeconds: row.lockout_counter_reset_seconds,
  };
}

export function clientSecretView(row: ClientSecretRow): Record<string, unknown> {
  return {
    id: row.id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    description: row.description,
    clientSecretPrefix: row.prefix,
    clientSecretNumUses: row.num_uses,
    clientSecretNumUsesLimit: row.num_uses_limit,
    clientSecretTTL: row.ttl,
    identityUAId: row.universal_auth_id,
    isClientSecretRevoked: row.revoked,
  };
}
