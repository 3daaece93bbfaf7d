import type { IdentityRow, OrganizationIdentityRow, StoredMetadata } from "./identities.js";

/** Identities as the API shows them. The same thing has a different shape almost in every route. */
export function identityView(row: IdentityRow): Record<string, unknown> {
  return {
    id: row.id,
    name: row.name,
    authMethod: null,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    hasDeleteProtection: row.has_delete_protection,
    orgId: row.org_id,
    projectId: row.project_id,
  };
}

/** `id` here is the membership's: the identity's own is in `identityId` and in the inner `identity`. */
export function membershipView(
  row: OrganizationIdentityRow,
  more: {
    readonly metadata: readonly StoredMetadata[];
    readonly authMethods: readonly string[];
    readonly lockouts: readonly string[];
  },
): Record<string, unknown> {
  return {
    ...membershipFields(row),
    metadata: more.metadata,
    identity: {
      name: row.name,
      id: row.id,
      hasDeleteProtection: row.has_delete_protection,
      orgId: row.org_id,
      authMethods: more.authMethods,
      activeLockoutAuthMethods: more.lockouts,
    },
  };
}

/** As lists have it; each of the three lists leaves something else out of the inner identity. */
export function listedMembershipView(
  row: OrganizationIdentityRow,
  list: "v1" | "v2" | "search",
  authMethods: readonly string[],
  lockouts: readonly string[],
): Record<string, unknown> {
  return {
    ...membershipFields(row),
    identity: {
      name: row.name,
      id: row.id,
      ...(list === "v2" ? {} : { hasDeleteProtection: row.has_delete_protection }),
      ...(list === "v1" ? {} : { orgId: row.org_id }),
      authMethods,
      ...(list === "search" ? { activeLockoutAuthMethods: lockouts } : {}),
    },
  };
}

function membershipFields(row: OrganizationIdentityRow): Record<string, unknown> {
  return {
    id: row.membership_id,
    role: row.role,
    roleId: null,
    orgId: row.org_id,
    createdAt: row.membership_created_at,
    updatedAt: row.membership_updated_at,
    identityId: row.id,
    lastLoginAuthMethod: row.last_login_method,
    lastLoginTime: row.last_login_time,
  };
}

export function projectIdentityView(row: IdentityRow): Record<string, unknown> {
  return {
    id: row.id,
    name: row.name,
    orgId: row.org_id,
    projectId: row.project_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    hasDeleteProtection: row.has_delete_protection,
  };
}
