import type { Actor } from "../auth/actor.js";
import { organizationOf, requireOwnOrganization } from "../auth/actors.js";
import { badRequest, notFound } from "../http/api-error.js";
import { addRoute, ANYBODY, IDENTITY, z } from "../http/route.js";
import { isUuid } from "../http/uuid.js";
import {
  activeLockouts,
  authMethodsOf,
  createIdentity,
  deleteIdentity,
  joinOrganization,
  metadataOf,
  organizationIdentities,
  setMetadata,
  type IdentityRow,
  type OrganizationIdentityRow,
} from "../identity/identities.js";
import { findOrganization } from "../identity/organizations.js";
import { identityView, listedMembershipView, membershipView } from "../identity/identity-views.js";
import { organizationRoles, roleNamed } from "../roles.js";
import type { Sandbox } from "../sandbox.js";
import { queryRow } from "../store/store.js";
import type { RouteFile } from "./route-file.js";

/** Machine identities of an organization. Those of a single project are in `project-identities.ts`. */
export const addIdentityRoutes: RouteFile = (app, sandbox) => {
  addCreateRoute(app, sandbox);
  addReadRoutes(app, sandbox);
  addListRoutes(app, sandbox);
  addUpdateRoute(app, sandbox);
  addDeleteRoute(app, sandbox);
};

export const metadataSchema = z
  .object({ key: z.string().trim().min(1), value: z.string().trim().default("") })
  .array()
  .optional();

const addCreateRoute: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v1/identities",
    access: ANYBODY,
    body: z.object({
      name: z.string().trim(),
      organizationId: z.string().trim(),
      role: z.string().trim().min(1).default("no-access"),
      hasDeleteProtection: z.boolean().default(false),
      metadata: metadataSchema,
    }),
    async handle({ actor, body }) {
      requireOwnOrganization(actor, body.organizationId);
      (await sandbox.permissions.inOrganization(actor)).require("create", "identity");
      requireOrganizationRole(body.role, body.organizationId);
      const { name, organizationId: orgId, hasDeleteProtection } = body;
      return sandbox.store.transaction(async (transaction) => {
        const identity = await createIdentity(transaction, { orgId, projectId: null, name, hasDeleteProtection });
        await joinOrganization(transaction, identity, body.role);
        const metadata = await setMetadata(transaction, identity.id, body.metadata ?? []);
        return { identity: { ...identityView(identity), authMethods: [], metadata } };
      });
    },
  });
};

function requireOrganizationRole(role: string, orgId: string): void {
  if (roleNamed(organizationRoles, role) === undefined) {
    throw notFound(`Specified roles '${role}' was not found in the organization with ID '${orgId}'`);
  }
}

const addReadRoutes: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/identities/details",
    access: IDENTITY,
    async handle({ actor }) {
      const organization = await findOrganization(sandbox.store, organizationOf(actor));
      if (organization === undefined) throw notFound("Organization not found");
      const { id, name, slug } = organization;
      return { identityDetails: { organization: { id, name, slug } } };
    },
  });
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/identities/:identityId",
    access: ANYBODY,
    params: z.object({ identityId: z.string() }),
    async handle({ actor, params }) {
      const row = await requireOrganizationIdentity(sandbox, params.identityId);
      await requireAllowed(sandbox, actor, row, "read");
      const methods = await authMethodsOf(sandbox.store, [row.id]);
      return {
        identity: membershipView(row, {
          metadata: await metadataOf(sandbox.store, row.id),
          authMethods: methods.get(row.id) ?? [],
          lockouts: await activeLockouts(sandbox, row.id),
        }),
      };
    },
  });
};

const addListRoutes: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/identities",
    access: ANYBODY,
    query: z.object({ orgId: z.string() }),
    async handle({ actor, query }) {
      const rows = await listIdentities(sandbox, actor, query.orgId);
      return { identities: await listedViews(sandbox, rows, "v1"), totalCount: rows.length };
    },
  });
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v2/organizations/:orgId/identity-memberships",
    access: ANYBODY,
    params: z.object({ orgId: z.string() }),
    async handle({ actor, params }) {
      const rows = await listIdentities(sandbox, actor, params.orgId);
      return { identityMemberships: await listedViews(sandbox, rows, "v2"), totalCount: rows.length };
    },
  });
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v1/identities/search",
    access: ANYBODY,
    body: searchSchema,
    async handle({ actor, body }) {
      (await sandbox.permissions.inOrganization(actor)).require("read", "identity");
      const wanted = await organizationIdentities(sandbox.store, "m.org_id = $1", [organizationOf(actor)]);
      const found = wanted.filter((row) => isFound(row, body.search));
      const page = found.slice(body.offset, body.offset + body.limit);
      return { identities: await listedViews(sandbox, page, "search"), totalCount: found.length };
    },
  });
};

const textSearch = z
  .union([
    z.string(),
    z.object({
      $eq: z.string().optional(),
      $contains: z.string().optional(),
      $in: z.string().array().optional(),
    }),
  ])
  .optional();

const searchSchema = z.object({
  search: z.object({ name: textSearch, role: textSearch }).default({}),
  limit: z.number().max(100).default(50),
  offset: z.number().default(0),
});

function isFound(
  row: OrganizationIdentityRow,
  search: { readonly name?: TextSearch | undefined; readonly role?: TextSearch | undefined },
): boolean {
  return matches(row.name, search.name) && matches(row.role, search.role);
}
type TextSearch = Exclude<z.infer<typeof textSearch>, undefined>;

function matches(text: string, search: TextSearch | undefined): boolean {
  if (search === undefined) return true;
  if (typeof search === "string") return text === search;
  if (search.$eq !== undefined && text !== search.$eq) return false;
  if (search.$contains !== undefined && !text.toLowerCase().includes(search.$contains.toLowerCase())) return false;
  return search.$in === undefined || search.$in.includes(text);
}

async function listIdentities(sandbox: Sandbox, actor: Actor, orgId: string): Promise<OrganizationIdentityRow[]> {
  requireOwnOrganization(actor, orgId);
  (await sandbox.permissions.inOrganization(actor)).require("read", "identity");
  return organizationIdentities(sandbox.store, "m.org_id = $1", [orgId]);
}

async function listedViews(
  sandbox: Sandbox,
  rows: readonly OrganizationIdentityRow[],
  kind: "v1" | "v2" | "search",
): Promise<Record<string, unknown>[]> {
  const methods = await authMethodsOf(
    sandbox.store,
    rows.map(({ id }) => id),
  );
  return Promise.all(
    rows.map(async (row) =>
      listedMembershipView(row, kind, methods.get(row.id) ?? [], await activeLockouts(sandbox, row.id)),
    ),
  );
}

const addUpdateRoute: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "PATCH",
    path: "/api/v1/identities/:identityId",
    access: ANYBODY,
    params: z.object({ identityId: z.string() }),
    body: z.object({
      name: z.string().trim().optional(),
      role: z.string().trim().min(1).optional(),
      hasDeleteProtection: z.boolean().optional(),
      metadata: metadataSchema,
    }),
    async handle({ actor, params, body }) {
      const row = await requireOrganizationIdentity(sandbox, params.identityId);
      await requireAllowed(sandbox, actor, row, "edit");
      if (body.role !== undefined) requireOrganizationRole(body.role, row.org_id);
      return sandbox.store.transaction(async (transaction) => {
        if (body.role !== undefined) {
          await transaction.query(
            "update organization_identities set role = $2, updated_at = now() where identity_id = $1",
            [row.id, body.role],
          );
        }
        // The real server's bug, which callers must know: `hasDeleteProtection: false` alone changes nothing.
        const changes = Boolean(body.name) || body.hasDeleteProtection === true;
        const identity = changes
          ? await queryRow<IdentityRow>(
              transaction,
              `update identities set name = coalesce($2, name), has_delete_protection = coalesce($3, has_delete_protection),
                 updated_at = now() where id = $1 returning *`,
              [row.id, body.name ?? null, body.hasDeleteProtection ?? null],
            )
          : row;
        const metadata = body.metadata === undefined ? [] : await setMetadata(transaction, row.id, body.metadata);
        return { identity: { ...identityView(identity), metadata } };
      });
    },
  });
};

const addDeleteRoute: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "DELETE",
    path: "/api/v1/identities/:identityId",
    access: ANYBODY,
    params: z.object({ identityId: z.string() }),
    async handle({ actor, params }) {
      const row = await requireOrganizationIdentity(sandbox, params.identityId);
      await requireAllowed(sandbox, actor, row, "delete");
      if (row.has_delete_protection) throw badRequest("Identity has delete protection");
      await sandbox.store.transaction((transaction) => deleteIdentity(transaction, row.id));
      return { identity: identityView(row) };
    },
  });
};

async function requireOrganizationIdentity(sandbox: Sandbox, id: string): Promise<OrganizationIdentityRow> {
  const [row] = isUuid(id) ? await organizationIdentities(sandbox.store, "i.id = $1", [id]) : [];
  if (row === undefined) throw notFound(`Failed to find identity with id ${id}`);
  return row;
}

async function requireAllowed(sandbox: Sandbox, actor: Actor, row: IdentityRow, action: string): Promise<void> {
  requireOwnOrganization(actor, row.org_id);
  (await sandbox.permissions.inOrganization(actor)).require(action, "identity");
}
