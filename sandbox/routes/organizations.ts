import type { Actor } from "../auth/actor.js";
import { badRequest, forbidden, notFound, planRestriction } from "../http/api-error.js";
import { addRoute, ANYBODY, USER, z } from "../http/route.js";
import { isUuid } from "../http/uuid.js";
import { findOrganization, organizationView, type OrganizationRow } from "../identity/organizations.js";
import { freePlan, rateLimitView } from "../identity/plan.js";
import type { Sandbox } from "../sandbox.js";
import { isUniqueViolation, queryOne, queryRow } from "../store/store.js";
import type { RouteFile } from "./route-file.js";

/** Organizations as people see them, and what a server without a licence says of itself. */
export const addOrganizationRoutes: RouteFile = (app, sandbox) => {
  addMembershipRoutes(app, sandbox);
  addRenameRoute(app, sandbox);
  addPlanRoutes(app, sandbox);
};

interface OwnOrganizationRow extends OrganizationRow {
  readonly role: string;
  readonly joined_at: Date;
}

const addMembershipRoutes: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/organization",
    access: USER,
    withoutOrganization: true,
    async handle({ actor }) {
      const rows = await sandbox.store.query<OwnOrganizationRow>(
        `select o.*, m.role, m.created_at as joined_at from organizations o
           join organization_members m on m.org_id = o.id where m.user_id = $1 order by o.name`,
        [actor.id],
      );
      return {
        organizations: rows.map((row) => ({
          ...organizationView(row),
          orgAuthMethod: "",
          userRole: row.role,
          userJoinedAt: row.joined_at,
        })),
      };
    },
  });
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/organization/:organizationId",
    access: USER,
    params: z.object({ organizationId: z.string().trim() }),
    async handle({ actor, params }) {
      const organization = await ownOrganization(sandbox, actor, params.organizationId);
      // Only here the server fills in its default for the life of a session.
      return { organization: { ...organizationView(organization), userTokenExpiration: "90d" } };
    },
  });
};

const slugSchema = z
  .string()
  .trim()
  .min(5)
  .max(64)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "Slug must be a valid slug");

const addRenameRoute: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "PATCH",
    path: "/api/v1/organization/:organizationId",
    access: USER,
    params: z.object({ organizationId: z.string().trim() }),
    body: z.object({ name: z.string().trim().min(1).max(64).optional(), slug: slugSchema.optional() }),
    async handle({ actor, params, body }) {
      await ownOrganization(sandbox, actor, params.organizationId);
      (await sandbox.permissions.inOrganization(actor)).require("edit", "settings");
      try {
        const changed = await queryRow<OrganizationRow>(
          sandbox.store,
          `update organizations set name = coalesce($2, name), slug = coalesce($3, slug), updated_at = now()
            where id = $1 returning *`,
          [params.organizationId, body.name ?? null, body.slug ?? null],
        );
        return { message: "Successfully updated organization", organization: organizationView(changed) };
      } catch (error) {
        if (isUniqueViolation(error)) throw badRequest(`Org with slug ${body.slug} already exists`);
        throw error;
      }
    },
  });
};

async function ownOrganization(sandbox: Sandbox, actor: Actor, id: string): Promise<OrganizationRow> {
  const organization = isUuid(id) ? await findOrganization(sandbox.store, id) : undefined;
  if (organization === undefined) throw notFound(`Organization with ID '${id}' not found`);
  const membership = await queryOne(
    sandbox.store,
    "select id from organization_members where org_id = $1 and user_id = $2",
    [id, actor.id],
  );
  if (membership === undefined) throw forbidden("You are not a member of this organization");
  return organization;
}

const addPlanRoutes: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/organizations/:organizationId/plan",
    access: ANYBODY,
    handle: () => Promise.resolve({ plan: freePlan }),
  });
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/rate-limit",
    access: USER,
    handle: () => Promise.resolve({ rateLimit: rateLimitView(new Date()) }),
  });
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/organization/audit-logs",
    access: ANYBODY,
    // A free server keeps none.
    handle: () => Promise.resolve({ auditLogs: [] }),
  });
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v1/groups",
    access: ANYBODY,
    async handle({ actor }) {
      (await sandbox.permissions.inOrganization(actor)).require("create", "groups");
      throw planRestriction("create group");
    },
  });
};
