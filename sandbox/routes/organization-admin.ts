import { organizationOf } from "../auth/actors.js";
import { notFound } from "../http/api-error.js";
import { addRoute, USER, z } from "../http/route.js";
import { isUuid } from "../http/uuid.js";
import { userMembershipView } from "../identity/membership-views.js";
import { addProjectMember, setMembershipRoles, type ProjectMembership } from "../project-memberships.js";
import { queryOne, type Queryable } from "../store/store.js";
import type { RouteFile } from "./route-file.js";

/** How an organization's administrator gets into a project in which he is no member. Not open to identities. */
export const addOrganizationAdminRoutes: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/organization-admin/projects",
    access: USER,
    query: z.object({
      search: z.string().optional(),
      offset: z.coerce.number().default(0),
      limit: z.coerce.number().max(100).default(50),
    }),
    async handle({ actor, query }) {
      (await sandbox.permissions.inOrganization(actor)).require("access-all-projects", "organization-admin-console");
      const filter = [organizationOf(actor), `%${query.search ?? ""}%`];
      const rows = await sandbox.store.query<AdminProjectRow>(
        "select * from projects where org_id = $1 and name ilike $2 order by name limit $3 offset $4",
        [...filter, query.limit, query.offset],
      );
      const counted = await queryOne<{ count: number }>(
        sandbox.store,
        "select count(*)::int as count from projects where org_id = $1 and name ilike $2",
        filter,
      );
      return { projects: rows.map(projectSummary), count: counted?.count ?? 0 };
    },
  });
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v1/organization-admin/projects/:projectId/grant-admin-access",
    access: USER,
    params: z.object({ projectId: z.string() }),
    async handle({ actor, params: { projectId } }) {
      (await sandbox.permissions.inOrganization(actor)).require("access-all-projects", "organization-admin-console");
      const project = isUuid(projectId)
        ? await queryOne(sandbox.store, "select id from projects where id = $1 and org_id = $2", [
            projectId,
            organizationOf(actor),
          ])
        : undefined;
      if (project === undefined) throw notFound(`Project with ID '${projectId}' not found`);
      return {
        membership: userMembershipView(
          await sandbox.store.transaction((transaction) => makeAdministrator(transaction, projectId, actor.id)),
        ),
      };
    },
  });
};

async function makeAdministrator(
  transaction: Queryable,
  projectId: string,
  userId: string,
): Promise<ProjectMembership> {
  const existing = await queryOne<ProjectMembership>(
    transaction,
    "select * from project_memberships where project_id = $1 and user_id = $2",
    [projectId, userId],
  );
  if (existing === undefined) {
    return addProjectMember(transaction, projectId, { kind: "user", id: userId }, [{ role: "admin" }]);
  }
  await setMembershipRoles(transaction, existing.id, [{ role: "admin" }]);
  return existing;
}

interface AdminProjectRow {
  readonly id: string;
  readonly org_id: string;
  readonly name: string;
  readonly slug: string;
  readonly description: string | null;
  readonly type: string;
  readonly has_delete_protection: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** A project without its environments. */
function projectSummary(row: AdminProjectRow): Record<string, unknown> {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    type: row.type,
    defaultProduct: null,
    slug: row.slug,
    autoCapitalization: false,
    orgId: row.org_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: 3,
    upgradeStatus: null,
    pitVersionLimit: 10,
    kmsCertificateKeyId: null,
    auditLogsRetentionDays: null,
    hasDeleteProtection: row.has_delete_protection,
    secretSharing: true,
    showSnapshotsLegacy: false,
    secretDetectionIgnoreValues: null,
    enforceEncryptedSecretManagerSecretMetadata: null,
  };
}
