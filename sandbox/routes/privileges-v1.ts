import { addRoute, ANYBODY, z } from "../http/route.js";
import {
  insertPrivilege,
  lasting,
  privilegesOf,
  privilegeView,
  requireProjectMembership,
  type PrivilegeRow,
} from "../identity/privileges.js";
import type { RouteFile } from "./route-file.js";
import { privilegeSlugSchema, projectIdOfSlug, withUniqueSlug } from "./privileges.js";

/** The older routes for additional privileges, just as recorded: they add a rule of their own. Do not use them. */
export const addOldPrivilegeRoutes: RouteFile = (app, sandbox) => {
  const BASE = "/api/v1/additional-privilege/identity";
  addRoute(app, sandbox, {
    method: "POST",
    path: `${BASE}/permanent`,
    access: ANYBODY,
    body: z.object({
      identityId: z.string().min(1),
      projectSlug: z.string().min(1),
      slug: privilegeSlugSchema,
      privilegePermission: z.object({
        subject: z.string(),
        actions: z.string().array().min(1),
        conditions: z.object({
          environment: z.string(),
          secretPath: z.object({ $glob: z.string() }).optional(),
        }),
      }),
    }),
    async handle({ actor, body }) {
      const projectId = await projectIdOfSlug(sandbox, actor, body.projectSlug);
      (await sandbox.permissions.inProject(actor, projectId)).require("edit", "identity");
      const membershipId = await requireProjectMembership(sandbox.store, projectId, body.identityId);
      const { subject, actions, conditions } = body.privilegePermission;
      const { environment, secretPath } = conditions;
      const rule = {
        subject,
        action: actions,
        conditions: { environment, ...(secretPath === undefined ? {} : { secretPath }) },
        inverted: false,
      };
      const rules = actions.includes("read") ? [rule, { ...rule, action: [...actions, "readValue"] }] : [rule];
      const row = await withUniqueSlug(body.slug, () =>
        insertPrivilege(sandbox.store, membershipId, body.slug, rules, lasting),
      );
      return { privilege: oldView(row) };
    },
  });
  addRoute(app, sandbox, {
    method: "GET",
    path: BASE,
    access: ANYBODY,
    query: z.object({ identityId: z.string().min(1), projectSlug: z.string().min(1) }),
    async handle({ actor, query }) {
      const projectId = await projectIdOfSlug(sandbox, actor, query.projectSlug);
      (await sandbox.permissions.inProject(actor, projectId)).require("read", "identity");
      const membershipId = await requireProjectMembership(sandbox.store, projectId, query.identityId);
      return { privileges: (await privilegesOf(sandbox.store, membershipId)).map(oldView) };
    },
  });
};

/** Named wrongly upstream: it is the project's id. */
const oldView = (row: PrivilegeRow): Record<string, unknown> => ({
  ...privilegeView(row),
  projectMembershipId: row.project_id,
});
