import type { Actor } from "../auth/actor.js";
import { organizationOf } from "../auth/actors.js";
import { badRequest, notFound } from "../http/api-error.js";
import { addRoute, ANYBODY, z } from "../http/route.js";
import {
  activeLockouts,
  authMethodsOf,
  createIdentity,
  deleteIdentity,
  findIdentity,
  metadataOf,
  setMetadata,
  type IdentityRow,
} from "../identity/identities.js";
import { projectIdentityView } from "../identity/identity-views.js";
import { addProjectMember } from "../project-memberships.js";
import type { Sandbox } from "../sandbox.js";
import { queryRow } from "../store/store.js";
import { metadataSchema } from "./identities.js";
import type { RouteFile } from "./route-file.js";
import { grantedRoles, roleGrantsSchema } from "./project-identity-memberships.js";

/** Machine identities that live in a single project; `/api/v1/identities/{id}` does not know them. */
export const addProjectIdentityRoutes: RouteFile = (app, sandbox) => {
  addCreateRoute(app, sandbox);
  addReadRoutes(app, sandbox);
  addChangeRoutes(app, sandbox);
};

const BASE = "/api/v1/projects/:projectId/identities";
const ofProject = z.object({ projectId: z.string() });
const ofIdentity = z.object({ projectId: z.string(), identityId: z.string() });

const addCreateRoute: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "POST",
    path: BASE,
    access: ANYBODY,
    params: ofProject,
    body: z.object({
      name: z.string().trim().min(1),
      roles: roleGrantsSchema.default([{ role: "no-access", isTemporary: false }]),
      hasDeleteProtection: z.boolean().default(false),
      metadata: metadataSchema,
    }),
    async handle({ actor, params: { projectId }, body }) {
      await requireAllowed(sandbox, actor, projectId, "create");
      const roles = grantedRoles(body.roles, projectId);
      return sandbox.store.transaction(async (transaction) => {
        const { name, hasDeleteProtection } = body;
        const orgId = organizationOf(actor);
        const identity = await createIdentity(transaction, { orgId, projectId, name, hasDeleteProtection });
        await addProjectMember(transaction, projectId, { kind: "identity", id: identity.id }, roles);
        const metadata = await setMetadata(transaction, identity.id, body.metadata ?? []);
        return { identity: { ...projectIdentityView(identity), authMethods: [], metadata } };
      });
    },
  });
};

const addReadRoutes: RouteFile = (app, sandbox) => {
  const { store } = sandbox;
  addRoute(app, sandbox, {
    method: "GET",
    path: BASE,
    access: ANYBODY,
    params: ofProject,
    async handle({ actor, params: { projectId } }) {
      await requireAllowed(sandbox, actor, projectId, "read");
      const rows = await store.query<IdentityRow>(
        "select * from identities where project_id = $1 order by created_at",
        [projectId],
      );
      const identities = await Promise.all(
        rows.map(async (row) => ({ ...projectIdentityView(row), metadata: await metadataOf(store, row.id) })),
      );
      return { identities, totalCount: rows.length };
    },
  });
  addRoute(app, sandbox, {
    method: "GET",
    path: `${BASE}/:identityId`,
    access: ANYBODY,
    params: ofIdentity,
    async handle({ actor, params }) {
      await requireAllowed(sandbox, actor, params.projectId, "read");
      const row = await requireProjectIdentity(sandbox, params);
      return {
        identity: {
          ...projectIdentityView(row),
          activeLockoutAuthMethods: await activeLockouts(sandbox, row.id),
          authMethods: (await authMethodsOf(store, [row.id])).get(row.id) ?? [],
          metadata: await metadataOf(store, row.id),
        },
      };
    },
  });
};

const addChangeRoutes: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "PATCH",
    path: `${BASE}/:identityId`,
    access: ANYBODY,
    params: ofIdentity,
    body: z.object({
      name: z.string().trim().min(1).optional(),
      hasDeleteProtection: z.boolean().optional(),
      metadata: metadataSchema,
    }),
    async handle({ actor, params, body }) {
      await requireAllowed(sandbox, actor, params.projectId, "edit");
      const row = await requireProjectIdentity(sandbox, params);
      return sandbox.store.transaction(async (transaction) => {
        const changed = await queryRow<IdentityRow>(
          transaction,
          `update identities set name = coalesce($2, name), has_delete_protection = coalesce($3, has_delete_protection),
             updated_at = now() where id = $1 returning *`,
          [row.id, body.name ?? null, body.hasDeleteProtection ?? null],
        );
        const metadata = body.metadata === undefined ? [] : await setMetadata(transaction, row.id, body.metadata);
        return { identity: { ...projectIdentityView(changed), metadata } };
      });
    },
  });
  addRoute(app, sandbox, {
    method: "DELETE",
    path: `${BASE}/:identityId`,
    access: ANYBODY,
    params: ofIdentity,
    async handle({ actor, params }) {
      await requireAllowed(sandbox, actor, params.projectId, "delete");
      const row = await requireProjectIdentity(sandbox, params);
      if (row.has_delete_protection) throw badRequest("Identity has delete protection");
      await sandbox.store.transaction((transaction) => deleteIdentity(transaction, row.id));
      return { identity: projectIdentityView(row) };
    },
  });
};

async function requireAllowed(sandbox: Sandbox, actor: Actor, projectId: string, action: string): Promise<void> {
  (await sandbox.permissions.inProject(actor, projectId)).require(action, "identity");
}

async function requireProjectIdentity(
  sandbox: Sandbox,
  { projectId, identityId }: { readonly projectId: string; readonly identityId: string },
): Promise<IdentityRow> {
  const row = await findIdentity(sandbox.store, identityId);
  if (row?.project_id !== projectId) throw notFound(`Identity with ID ${identityId} not found`);
  return row;
}
