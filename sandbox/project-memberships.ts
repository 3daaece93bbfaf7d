import { queryRow, type Queryable } from "./store/store.js";

/** A row of `project_memberships`; exactly one of user_id and identity_id is set. */
export interface ProjectMembership {
  readonly id: string;
  readonly project_id: string;
  readonly user_id: string | null;
  readonly identity_id: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** A role of a membership; the temporary fields are all null for a lasting one. */
export interface GrantedRole {
  readonly role: string;
  readonly isTemporary?: boolean;
  readonly temporaryMode?: string | null;
  readonly temporaryRange?: string | null;
  readonly temporaryStart?: Date | null;
  readonly temporaryEnd?: Date | null;
}

/**
 * Makes a user or an identity a member of a project; the caller has checked the roles.
 * @throws a unique violation (`isUniqueViolation`) when it is one already.
 */
export async function addProjectMember(
  transaction: Queryable,
  projectId: string,
  member: { readonly kind: "user" | "identity"; readonly id: string },
  roles: readonly GrantedRole[],
): Promise<ProjectMembership> {
  const membership = await queryRow<ProjectMembership>(
    transaction,
    `insert into project_memberships (project_id, ${member.kind === "user" ? "user_id" : "identity_id"})
     values ($1, $2) returning *`,
    [projectId, member.id],
  );
  await setMembershipRoles(transaction, membership.id, roles);
  return membership;
}

/** Replaces all roles of a membership. */
export async function setMembershipRoles(
  transaction: Queryable,
  membershipId: string,
  roles: readonly GrantedRole[],
): Promise<void> {
  await transaction.query("delete from project_membership_roles where membership_id = $1", [membershipId]);
  for (const [position, granted] of roles.entries()) {
    await transaction.query(
      `insert into project_membership_roles (membership_id, role, position, is_temporary, temporary_mode,
         temporary_range, temporary_start, temporary_end) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        membershipId,
        granted.role,
        position,
        granted.isTemporary ?? false,
        granted.temporaryMode ?? null,
        granted.temporaryRange ?? null,
        granted.temporaryStart ?? null,
        granted.temporaryEnd ?? null,
      ],
    );
  }
}
