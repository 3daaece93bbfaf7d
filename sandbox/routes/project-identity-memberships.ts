import { organizationOf } from "../auth/actors.js";
import { badRequest, notFound } from "../http/api-error.js";
import { addRoute, ANYBODY, z } from "../http/route.js";
import { isUuid } from "../http/uuid.js";
import { activeLockouts, authMethodsOf, metadataOf, type IdentityRow } from "../identity/identities.js";
import { identityMembershipView, membershipRolesOf, roleView } from "../identity/membership-views.js";
import { endOf, temporaryRangeSchema } from "../identity/temporary-access.js";
import {
  addProjectMember,
  setMembershipRoles,
  type GrantedRole,
  type ProjectMembership,
} from "../project-memberships.js";
import { projectRoles, roleNamed } from "../roles.js";
import type { Sandbox } from "../sandbox.js";
import { isUniqueViolation, queryOne } from "../store/store.js";
import type { RouteFile } from "./route-file.js";

/** Machine identities as members of projects, with their roles. */
export const addProjectIdentityMembershipRoutes: RouteFile = (app, sandbox) => {
  addCreateRoute(app, sandbox);
  addReadRoutes(app, sandbox);
  addChangeRoutes(app, sandbox);
};

const BASE = "/api/v1/projects/:projectId/memberships/identities";
const ofProject = z.object({ projectId: z.string() });
const ofMember = z.object({ projectId: z.string(), identityId: z.string() });

const temporaryRole = z.object({
  role: z.string(),
  isTemporary: z.literal(true),
  temporaryMode: z.literal("relative"),
  temporaryRange: temporaryRangeSchema,
  temporaryAccessStartTime: z.string().datetime(),
});
const lastingRole = z.object({ role: z.string(), isTemporary: z.literal(false).default(false) });

/** `roles` in requests. */
export const roleGrantsSchema = z.union([lastingRole, temporaryRole]).array().min(1);

/** @throws ApiError 404 for a role that the project does not have: own roles need a licence. */
export function grantedRoles(grants: z.infer<typeof roleGrantsSchema>, projectId: string): GrantedRole[] {
  return grants.map((grant) => {
    if (roleNamed(projectRoles, grant.role) === undefined) {
      throw notFound(`Specified roles '${grant.role}' was not found in the project with ID '${projectId}'`);
    }
    if (!grant.isTemporary) return { role: grant.role };
    return {
      role: grant.role,
      isTemporary: true,
      temporaryMode: grant.temporaryMode,
      temporaryRange: grant.temporaryRange,
      temporaryStart: new Date(grant.temporaryAccessStartTime),
      temporaryEnd: endOf(grant.temporaryAccessStartTime, grant.temporaryRange),
    };
  });
}

const addCreateRoute: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "POST",
    path: `${BASE}/:identityId`,
    access: ANYBODY,
    params: ofMember,
    body: z.object({ role: z.string().trim().min(1).default("no-access"), roles: roleGrantsSchema.optional() }),
    async handle({ actor, params: { projectId, identityId }, body }) {
      (await sandbox.permissions.inProject(actor, projectId)).require("create", "identity");
      const roles = grantedRoles(body.roles ?? [{ role: body.role, isTemporary: false }], projectId);
      const member = isUuid(identityId)
        ? await queryOne(
            sandbox.store,
            "select id from organization_identities where identity_id = $1 and org_id = $2",
            [identityId, organizationOf(actor)],
          )
        : undefined;
      if (member === undefined) throw badRequest(`Identity ${identityId} is missing organization membership`);
      try {
        const membership = await sandbox.store.transaction((transaction) =>
          addProjectMember(transaction, projectId, { kind: "identity", id: identityId }, roles),
        );
        return { identityMembership: identityMembershipView(membership) };
      } catch (error) {
        if (isUniqueViolation(error)) throw badRequest("Identity is already a member");
        throw error;
      }
    },
  });
};

interface MemberRow extends ProjectMembership {
  readonly identity_id: string;
  readonly name: string;
  readonly org_id: string;
  readonly home_project_id: string | null;
  readonly project_name: string;
}

const MEMBERS = `select m.*, i.name, i.org_id, i.project_id as home_project_id, p.name as project_name
  from project_memberships m join identities i on i.id = m.identity_id join projects p on p.id = m.project_id`;

const addReadRoutes: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: BASE,
    access: ANYBODY,
    params: ofProject,
    async handle({ actor, params: { projectId } }) {
      (await sandbox.permissions.inProject(actor, projectId)).require("read", "identity");
      const rows = await sandbox.store.query<MemberRow>(
        `${MEMBERS} where m.project_id = $1 order by m.created_at desc`,
        [projectId],
      );
      return { identityMemberships: await listedMembers(sandbox, rows), totalCount: rows.length };
    },
  });
  addRoute(app, sandbox, {
    method: "GET",
    path: `${BASE}/:identityId`,
    access: ANYBODY,
    params: ofMember,
    async handle({ actor, params: { projectId, identityId } }) {
      (await sandbox.permissions.inProject(actor, projectId)).require("read", "identity");
      return { identityMembership: await memberView(sandbox, await requireMember(sandbox, projectId, identityId)) };
    },
  });
  addOldReadRoutes(app, sandbox);
};

/** Two older routes give the same with other fields. */
const addOldReadRoutes: RouteFile = (app, sandbox) => {
  for (const version of ["v1/projects", "v2/workspace"] as const) {
    addRoute(app, sandbox, {
      method: "GET",
      path: `/api/${version}/:projectId/identity-memberships/:identityId`,
      access: ANYBODY,
      params: ofMember,
      async handle({ actor, params: { projectId, identityId } }) {
        (await sandbox.permissions.inProject(actor, projectId)).require("read", "identity");
        const row = await requireMember(sandbox, projectId, identityId);
        return { identityMembership: await oldMemberView(sandbox, row, version === "v1/projects") };
      },
    });
  }
};

async function requireMember(sandbox: Sandbox, projectId: string, identityId: string): Promise<MemberRow> {
  const row = isUuid(identityId)
    ? await queryOne<MemberRow>(sandbox.store, `${MEMBERS} where m.project_id = $1 and m.identity_id = $2`, [
        projectId,
        identityId,
      ])
    : undefined;
  if (row === undefined) throw notFound("Identity membership not found");
  return row;
}

async function oldMemberView(sandbox: Sandbox, row: MemberRow, isV1: boolean): Promise<Record<string, unknown>> {
  const authMethods = (await authMethodsOf(sandbox.store, [row.identity_id])).get(row.identity_id) ?? [];
  const roles = await membershipRolesOf(sandbox.store, [row.id]);
  return {
    id: row.id,
    identityId: row.identity_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    roles: roles.map((role) => ({ ...roleView(role), customRoleId: null })),
    ...(isV1 ? { lastLoginAuthMethod: null, lastLoginTime: null } : {}),
    identity: isV1 ? { ...innerIdentity(row), authMethods } : { name: row.name, id: row.identity_id, authMethods },
    project: { name: row.project_name, id: row.project_id },
  };
}

async function memberView(sandbox: Sandbox, row: MemberRow): Promise<Record<string, unknown>> {
  const { store } = sandbox;
  const authMethods = (await authMethodsOf(store, [row.identity_id])).get(row.identity_id) ?? [];
  return {
    id: row.id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    roles: (await membershipRolesOf(store, [row.id])).map(roleView),
    // The server keeps these in the organization's membership only.
    lastLoginAuthMethod: null,
    lastLoginTime: null,
    identity: { ...innerIdentity(row), authMethods, metadata: await metadataOf(store, row.identity_id) },
  };
}

async function listedMembers(sandbox: Sandbox, rows: readonly MemberRow[]): Promise<Record<string, unknown>[]> {
  const ids = rows.map(({ identity_id }) => identity_id);
  const methods = await authMethodsOf(sandbox.store, ids);
  const roles = await membershipRolesOf(
    sandbox.store,
    rows.map(({ id }) => id),
  );
  return Promise.all(
    rows.map(async (row) => ({
      id: row.id,
      identityId: row.identity_id,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
      roles: roles.filter(({ membership_id }) => membership_id === row.id).map(roleView),
      identity: {
        ...innerIdentity(row),
        authMethods: methods.get(row.identity_id) ?? [],
        activeLockoutAuthMethods: await activeLockouts(sandbox, row.identity_id),
      },
    })),
  );
}

const innerIdentity = (row: MemberRow): Record<string, unknown> & Pick<IdentityRow, "name"> => ({
  name: row.name,
  id: row.identity_id,
  orgId: row.org_id,
  projectId: row.home_project_id,
});

const addChangeRoutes: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "PATCH",
    path: `${BASE}/:identityId`,
    access: ANYBODY,
    params: ofMember,
    body: z.object({ roles: roleGrantsSchema }),
    async handle({ actor, params: { projectId, identityId }, body }) {
      (await sandbox.permissions.inProject(actor, projectId)).require("edit", "identity");
      const membership = await requireMembership(sandbox, projectId, identityId);
      const roles = grantedRoles(body.roles, projectId);
      await sandbox.store.transaction((transaction) => setMembershipRoles(transaction, membership.id, roles));
      return { identityMembership: identityMembershipView(membership) };
    },
  });
  addRoute(app, sandbox, {
    method: "DELETE",
    path: `${BASE}/:identityId`,
    access: ANYBODY,
    params: ofMember,
    async handle({ actor, params: { projectId, identityId } }) {
      (await sandbox.permissions.inProject(actor, projectId)).require("delete", "identity");
      const membership = await requireMembership(sandbox, projectId, identityId);
      // Roles and additional privileges go with it, and do not come back with a new membership.
      await sandbox.store.query("delete from project_memberships where id = $1", [membership.id]);
      return { identityMembership: identityMembershipView(membership) };
    },
  });
};

/** @throws ApiError 400 (not 404) when the identity is no member. */
async function requireMembership(sandbox: Sandbox, projectId: string, identityId: string): Promise<ProjectMembership> {
  const membership = isUuid(identityId)
    ? await queryOne<ProjectMembership>(
        sandbox.store,
        "select * from project_memberships where project_id = $1 and identity_id = $2",
        [projectId, identityId],
      )
    : undefined;
  if (membership === undefined) throw badRequest("Identity doesn't have membership");
  return membership;
}
