import type { ProjectMembership } from "../project-memberships.js";
import type { Queryable } from "../store/store.js";

/** Memberships of projects as the API shows them: bare, or with their roles. */
export function userMembershipView(row: ProjectMembership): Record<string, unknown> {
  return {
    id: row.id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    userId: row.user_id,
    projectId: row.project_id,
  };
}

export function identityMembershipView(row: ProjectMembership): Record<string, unknown> {
  return {
    id: row.id,
    projectId: row.project_id,
    identityId: row.identity_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export interface MembershipRoleRow {
  readonly id: string;
  readonly membership_id: string;
  readonly role: string;
  readonly is_temporary: boolean;
  readonly temporary_mode: string | null;
  readonly temporary_range: string | null;
  readonly temporary_start: Date | null;
  readonly temporary_end: Date | null;
}

export const membershipRolesOf = (source: Queryable, membershipIds: readonly string[]): Promise<MembershipRoleRow[]> =>
  source.query<MembershipRoleRow>(
    "select * from project_membership_roles where membership_id = any($1::uuid[]) order by position",
    [[...membershipIds]],
  );

export function roleView(row: MembershipRoleRow): Record<string, unknown> {
  return {
    id: row.id,
    role: row.role,
    customRoleName: null,
    customRoleSlug: null,
    ...temporaryView(row),
  };
}

/** The five fields of a grant that may end. */
export function temporaryView(row: {
  readonly is_temporary: boolean;
  readonly temporary_mode: string | null;
  readonly temporary_range: string | null;
  readonly temporary_start: Date | null;
  readonly temporary_end: Date | null;
}): Record<string, unknown> {
  return {
    isTemporary: row.is_temporary,
    temporaryMode: row.temporary_mode,
    temporaryRange: row.temporary_range,
    temporaryAccessStartTime: row.temporary_start,
    temporaryAccessEndTime: row.temporary_end,
  };
}
