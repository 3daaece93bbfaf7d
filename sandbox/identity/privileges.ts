import { badRequest } from "../http/api-error.js";
import { isUuid } from "../http/uuid.js";
import type { PermissionRule } from "../permission-rules.js";
import { queryOne, queryRow, type Queryable } from "../store/store.js";
import { temporaryView } from "./membership-views.js";

export interface PrivilegeRow {
  readonly id: string;
  readonly slug: string;
  readonly project_id: string;
  readonly permissions: readonly PermissionRule[];
  readonly is_temporary: boolean;
  readonly temporary_mode: string | null;
  readonly temporary_range: string | null;
  readonly temporary_start: Date | null;
  readonly temporary_end: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** From when to when a grant counts. */
export interface GrantSpan {
  readonly isTemporary: boolean;
  readonly mode: string | null;
  readonly range: string | null;
  readonly start: Date | null;
  readonly end: Date | null;
}
export const lasting: GrantSpan = { isTemporary: false, mode: null, range: null, start: null, end: null };

const WITH_PROJECT = `select p.*, m.project_id from additional_privileges p
  join project_memberships m on m.id = p.membership_id`;

export const findPrivilege = (source: Queryable, id: string): Promise<PrivilegeRow | undefined> =>
  queryOne<PrivilegeRow>(source, `${WITH_PROJECT} where p.id = $1`, [id]);

export const privilegesOf = (source: Queryable, membershipId: string): Promise<PrivilegeRow[]> =>
  source.query<PrivilegeRow>(`${WITH_PROJECT} where p.membership_id = $1 order by p.created_at`, [membershipId]);

/** The id of an identity's membership. @throws ApiError 400 when there is none. */
export async function requireProjectMembership(
  source: Queryable,
  projectId: string,
  identityId: string,
): Promise<string> {
  const row = isUuid(identityId)
    ? await queryOne<{ id: string }>(
        source,
        "select id from project_memberships where project_id = $1 and identity_id = $2",
        [projectId, identityId],
      )
    : undefined;
  if (row === undefined) throw badRequest("Actor doesn't have membership");
  return row.id;
}

const spanParameters = (span: GrantSpan): unknown[] => [span.isTemporary, span.mode, span.range, span.start, span.end];

/** @throws a unique violation when the slug is taken. */
export async function insertPrivilege(
  source: Queryable,
  membershipId: string,
  slug: string,
  permissions: readonly PermissionRule[],
  span: GrantSpan,
): Promise<PrivilegeRow> {
  const { id } = await queryRow<{ id: string }>(
    source,
    `insert into additional_privileges (membership_id, slug, permissions, is_temporary, temporary_mode, temporary_range,
       temporary_start, temporary_end) values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`,
    [membershipId, slug, JSON.stringify(permissions), ...spanParameters(span)],
  );
  return queryRow<PrivilegeRow>(source, `${WITH_PROJECT} where p.id = $1`, [id]);
}

/** @throws a unique violation when the slug is taken. */
export async function updatePrivilege(
  source: Queryable,
  id: string,
  slug: string,
  permissions: readonly PermissionRule[],
  span: GrantSpan,
): Promise<PrivilegeRow> {
  await source.query(
    `update additional_privileges set slug = $2, permissions = $3, is_temporary = $4, temporary_mode = $5,
       temporary_range = $6, temporary_start = $7, temporary_end = $8, updated_at = now() where id = $1`,
    [id, slug, JSON.stringify(permissions), ...spanParameters(span)],
  );
  return queryRow<PrivilegeRow>(source, `${WITH_PROJECT} where p.id = $1`, [id]);
}

export function privilegeView(row: PrivilegeRow): Record<string, unknown> {
  return {
    id: row.id,
    slug: row.slug,
    ...temporaryView(row),
    permissions: row.permissions,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
