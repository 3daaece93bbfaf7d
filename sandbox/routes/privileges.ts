import type { Actor } from "../auth/actor.js";
import { badRequest, notFound } from "../http/api-error.js";
import { addRoute, ANYBODY, z } from "../http/route.js";
import { isUuid } from "../http/uuid.js";
import { permissionsSchema } from "../identity/permission-schema.js";
import {
  findPrivilege,
  insertPrivilege,
  lasting,
  privilegesOf,
  privilegeView,
  requireProjectMembership,
  updatePrivilege,
  type GrantSpan,
  type PrivilegeRow,
} from "../identity/privileges.js";
import { endOf, temporaryRangeSchema } from "../identity/temporary-access.js";
import type { Sandbox } from "../sandbox.js";
import { isUniqueViolation, queryOne } from "../store/store.js";
import type { RouteFile } from "./route-file.js";

/** Additional privileges of identities, version 2: rules on top of a role. No licence is needed for them. */
export const addPrivilegeRoutes: RouteFile = (app, sandbox) => {
  addCreateRoute(app, sandbox);
  addReadRoutes(app, sandbox);
  addListRoute(app, sandbox);
  addChangeRoutes(app, sandbox);
};

const BASE = "/api/v2/identity-project-additional-privilege";

const typeSchema = z.discriminatedUnion("isTemporary", [
  z.object({ isTemporary: z.literal(false) }),
  z.object({
    isTemporary: z.literal(true),
    temporaryMode: z.literal("relative"),
    temporaryRange: temporaryRangeSchema,
    temporaryAccessStartTime: z.string().datetime(),
  }),
]);

function spanOf(type: z.infer<typeof typeSchema>): GrantSpan {
  if (!type.isTemporary) return lasting;
  return {
    isTemporary: true,
    mode: type.temporaryMode,
    range: type.temporaryRange,
    start: new Date(type.temporaryAccessStartTime),
    end: endOf(type.temporaryAccessStartTime, type.temporaryRange),
  };
}

export const privilegeSlugSchema = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "Must be a valid slug");

const addCreateRoute: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "POST",
    path: BASE,
    access: ANYBODY,
    body: z.object({
      identityId: z.string().min(1),
      projectId: z.string().min(1),
      slug: privilegeSlugSchema.optional(),
      permissions: permissionsSchema,
      type: typeSchema,
    }),
    async handle({ actor, body }) {
      (await sandbox.permissions.inProject(actor, body.projectId)).require("edit", "identity");
      const membershipId = await requireProjectMembership(sandbox.store, body.projectId, body.identityId);
      const slug = body.slug ?? `privilege-${Date.now().toString(36)}`;
      const row = await withUniqueSlug(slug, () =>
        insertPrivilege(sandbox.store, membershipId, slug, body.permissions, spanOf(body.type)),
      );
      return { privilege: privilegeView(row) };
    },
  });
};

export async function withUniqueSlug<Result>(slug: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (isUniqueViolation(error)) throw badRequest(`Additional privilege with name ${slug} exists`);
    throw error;
  }
}

const addReadRoutes: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: `${BASE}/:id`,
    access: ANYBODY,
    params: z.object({ id: z.string() }),
    async handle({ actor, params }) {
      return { privilege: privilegeView(await requirePrivilege(sandbox, actor, params.id, "read")) };
    },
  });
  addRoute(app, sandbox, {
    method: "GET",
    path: `${BASE}/slug/:privilegeSlug`,
    access: ANYBODY,
    params: z.object({ privilegeSlug: z.string() }),
    query: z.object({ identityId: z.string().min(1), projectSlug: z.string().min(1) }),
    async handle({ actor, params, query }) {
      const projectId = await projectIdOfSlug(sandbox, actor, query.projectSlug);
      (await sandbox.permissions.inProject(actor, projectId)).require("read", "identity");
      const membershipId = await requireProjectMembership(sandbox.store, projectId, query.identityId);
      const rows = await privilegesOf(sandbox.store, membershipId);
      const row = rows.find(({ slug }) => slug === params.privilegeSlug);
      if (row === undefined) throw notFound(`Privilege with slug ${params.privilegeSlug} not found`);
      return { privilege: privilegeView(row) };
    },
  });
};

/** @throws ApiError 404 when the caller's organization has no such project. */
export async function projectIdOfSlug(sandbox: Sandbox, actor: Actor, slug: string): Promise<string> {
  const project = await queryOne<{ id: string }>(
    sandbox.store,
    "select id from projects where slug = $1 and org_id = $2",
    [slug, actor.orgId],
  );
  if (project === undefined) throw notFound(`Project with slug '${slug}' not found`);
  return project.id;
}

const addListRoute: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: BASE,
    access: ANYBODY,
    query: z.object({ identityId: z.string().min(1), projectId: z.string().min(1) }),
    async handle({ actor, query }) {
      (await sandbox.permissions.inProject(actor, query.projectId)).require("read", "identity");
      const membershipId = await requireProjectMembership(sandbox.store, query.projectId, query.identityId);
      const rows = await privilegesOf(sandbox.store, membershipId);
      return {
        privileges: rows.map((row) => {
          const { permissions: _leftOut, ...view } = privilegeView(row);
          return view;
        }),
      };
    },
  });
};

const addChangeRoutes: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "PATCH",
    path: `${BASE}/:id`,
    access: ANYBODY,
    params: z.object({ id: z.string() }),
    // All three are required, although the method is PATCH.
    body: z.object({ slug: privilegeSlugSchema, permissions: permissionsSchema, type: typeSchema }),
    async handle({ actor, params, body }) {
      const row = await requirePrivilege(sandbox, actor, params.id, "edit");
      const changed = await withUniqueSlug(body.slug, () =>
        updatePrivilege(sandbox.store, row.id, body.slug, body.permissions, spanOf(body.type)),
      );
      return { privilege: privilegeView(changed) };
    },
  });
  addRoute(app, sandbox, {
    method: "DELETE",
    path: `${BASE}/:id`,
    access: ANYBODY,
    params: z.object({ id: z.string() }),
    async handle({ actor, params }) {
      const row = await requirePrivilege(sandbox, actor, params.id, "edit");
      await sandbox.store.query("delete from additional_privileges where id = $1", [row.id]);
      return { privilege: privilegeView(row) };
    },
  });
};

async function requirePrivilege(
  sandbox: Sandbox,
  actor: Actor,
  id: string,
  action: "read" | "edit",
): Promise<PrivilegeRow> {
  const row = isUuid(id) ? await findPrivilege(sandbox.store, id) : undefined;
  if (row === undefined) throw notFound(`Privilege with id ${id} not found`);
  (await sandbox.permissions.inProject(actor, row.project_id)).require(action, "identity");
  return row;
}
