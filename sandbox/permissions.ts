import type { Actor } from "./auth/actor.js";
import { organizationOf } from "./auth/actors.js";
import { forbidden, notFound, permissionDenied } from "./http/api-error.js";
import { isUuid } from "./http/uuid.js";
import { isAllowed, rulesFor, type Attributes, type PermissionRule } from "./permission-rules.js";
import { organizationRoles, projectRoles, roleNamed, type Role } from "./roles.js";
import type { Cache } from "./store/cache.js";
import { queryOne, type Store } from "./store/store.js";

/** What one actor may do in one project or organization. */
export interface Grants {
  /** Whether it is allowed; without attributes: on any such object at all (an empty list instead of a 403). */
  can(action: string, subject: string, attributes?: Attributes): boolean;
  /** @throws ApiError 403 PermissionDenied with the actor's rules for that action as details. */
  require(action: string, subject: string, attributes?: Attributes): void;
}

export interface Permissions {
  /**
   * What the actor may do in a project: roles and additional privileges, as they were at the first access within the
   * last ten seconds (the real server's delay).
   * @throws ApiError 404 when there is no such project, 403 ProjectMembershipNotFound when the actor is no member.
   */
  inProject(actor: Actor, projectId: string): Promise<Grants>;
  /** What the actor may do in the organization of its token; never cached. */
  inOrganization(actor: Actor): Promise<Grants>;
}

export function createPermissions(store: Store, cache: Cache, delayMs: number): Permissions {
  return {
    async inProject(actor, projectId) {
      const key = `permissions:${projectId}:${actor.kind}:${actor.id}`;
      const cached = await cache.get(key);
      if (cached !== undefined) return grantsOf(JSON.parse(cached) as PermissionRule[]);
      const rules = await projectRules(store, actor, projectId);
      if (delayMs > 0) await cache.set(key, JSON.stringify(rules), delayMs);
      return grantsOf(rules);
    },
    async inOrganization(actor) {
      return grantsOf((await organizationRole(store, actor))?.rules ?? []);
    },
  };
}

function grantsOf(rules: readonly PermissionRule[]): Grants {
  return {
    can: (action, subject, attributes) => isAllowed(rules, action, subject, attributes),
    require(action, subject, attributes) {
      if (!isAllowed(rules, action, subject, attributes)) {
        throw permissionDenied(action, subject, rulesFor(rules, action, subject));
      }
    },
  };
}

async function projectRules(store: Store, actor: Actor, projectId: string): Promise<readonly PermissionRule[]> {
  const project = isUuid(projectId)
    ? await queryOne<{ org_id: string }>(store, "select org_id from projects where id = $1", [projectId])
    : undefined;
  if (project === undefined) throw notFound(`Project with ${projectId} not found`);
  if (project.org_id !== organizationOf(actor)) {
    throw forbidden("You are not a member of this organization", "OrganizationMembershipNotFound");
  }
  const membership = await queryOne<{ id: string }>(
    store,
    `select id from project_memberships where project_id = $1 and ${actor.kind === "user" ? "user_id" : "identity_id"} = $2`,
    [projectId, actor.id],
  );
  if (membership === undefined) throw notAMember(actor, projectId);
  return membershipRules(store, membership.id);
}

/** 403 of an actor who is in the organization and not in the project. */
function notAMember(actor: Actor, projectId: string): Error {
  return forbidden(
    `You are not a member of this project with ID ${projectId}. Please assign this ${actor.kind} to the project with the appropriate permissions, then try again.`,
    "ProjectMembershipNotFound",
  );
}

async function membershipRules(store: Store, membershipId: string): Promise<PermissionRule[]> {
  const NOT_OVER = "(not is_temporary or now() < temporary_end)";
  const roles = await store.query<{ role: string }>(
    `select role from project_membership_roles where membership_id = $1 and ${NOT_OVER}`,
    [membershipId],
  );
  const privileges = await store.query<{ permissions: PermissionRule[] }>(
    `select permissions from additional_privileges where membership_id = $1 and ${NOT_OVER} order by created_at`,
    [membershipId],
  );
  return [
    ...roles.flatMap(({ role }) => roleNamed(projectRoles, role)?.rules ?? []),
    ...privileges.flatMap(({ permissions }) => permissions),
  ];
}

/** The actor's role in the organization of its token. */
export async function organizationRole(store: Store, actor: Actor): Promise<Role | undefined> {
  const [table, column] =
    actor.kind === "user" ? ["organization_members", "user_id"] : ["organization_identities", "identity_id"];
  const row = await queryOne<{ role: string }>(
    store,
    `select role from ${table} where org_id = $1 and ${column} = $2`,
    [organizationOf(actor), actor.id],
  );
  return row === undefined ? undefined : roleNamed(organizationRoles, row.role);
}
