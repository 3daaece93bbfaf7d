import { organizationOf } from "../auth/actors.js";
import { notFound } from "../http/api-error.js";
import { addRoute, ANYBODY, z } from "../http/route.js";
import { membershipRolesOf, roleView, userMembershipView } from "../identity/membership-views.js";
import { addProjectMember, type ProjectMembership } from "../project-memberships.js";
import { projectRoles, roleNamed } from "../roles.js";
import type { Queryable } from "../store/store.js";
import type { RouteFile } from "./route-file.js";

/** People as members of projects. */
export const addProjectUserMembershipRoutes: RouteFile = (app, sandbox) => {
  for (const path of ["/api/v1/projects/:projectId/memberships", "/api/v2/workspace/:projectId/memberships"]) {
    addRoute(app, sandbox, {
      method: "POST",
      path,
      access: ANYBODY,
      params: z.object({ projectId: z.string() }),
      body: z.object({
        emails: z.string().email().array().default([]),
        usernames: z.string().array().default([]),
        roleSlugs: z.string().array().min(1).default(["member"]),
      }),
      async handle({ actor, params: { projectId }, body }) {
        (await sandbox.permissions.inProject(actor, projectId)).require("create", "member");
        const unknown = body.roleSlugs.find((slug) => roleNamed(projectRoles, slug) === undefined);
        if (unknown !== undefined) {
          throw notFound(`Specified roles '${unknown}' was not found in the project with ID '${projectId}'`);
        }
        const names = [...body.emails, ...body.usernames].map((name) => name.trim().toLowerCase());
        const roles = body.roleSlugs.map((role) => ({ role }));
        return sandbox.store.transaction(async (transaction) => {
          const fresh = await newMembers(transaction, projectId, organizationOf(actor), names);
          const memberships: ProjectMembership[] = [];
          for (const id of fresh) {
            memberships.push(await addProjectMember(transaction, projectId, { kind: "user", id }, roles));
          }
          return { memberships: memberships.map(userMembershipView) };
        });
      },
    });
  }
  addListRoute(app, sandbox);
};

/** People of the organization who are no members yet; those who are, or whom nobody knows, are left out in silence. */
async function newMembers(
  transaction: Queryable,
  projectId: string,
  orgId: string,
  emails: readonly string[],
): Promise<string[]> {
  const rows = await transaction.query<{ id: string }>(
    `select u.id from users u join organization_members o on o.user_id = u.id and o.org_id = $2
      where u.email = any($3::text[])
        and not exists (select 1 from project_memberships m where m.project_id = $1 and m.user_id = u.id)`,
    [projectId, orgId, [...emails]],
  );
  return rows.map(({ id }) => id);
}

interface UserMemberRow extends ProjectMembership {
  readonly email: string;
  readonly first_name: string | null;
  readonly last_name: string | null;
}

const addListRoute: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/projects/:projectId/memberships",
    access: ANYBODY,
    params: z.object({ projectId: z.string() }),
    async handle({ actor, params: { projectId } }) {
      (await sandbox.permissions.inProject(actor, projectId)).require("read", "member");
      const rows = await sandbox.store.query<UserMemberRow>(
        `select m.*, u.email, u.first_name, u.last_name from project_memberships m join users u on u.id = m.user_id
          where m.project_id = $1 order by m.created_at`,
        [projectId],
      );
      const roles = await membershipRolesOf(
        sandbox.store,
        rows.map(({ id }) => id),
      );
      return {
        memberships: rows.map((row) => ({
          id: row.id,
          createdAt: row.created_at,
          userId: row.user_id,
          projectId: row.project_id,
          user: {
            username: row.email,
            email: row.email,
            firstName: row.first_name,
            lastName: row.last_name,
            id: row.user_id,
          },
          roles: roles
            .filter(({ membership_id }) => membership_id === row.id)
            .map((role) => ({ ...roleView(role), customRoleId: null })),
        })),
      };
    },
  });
};
