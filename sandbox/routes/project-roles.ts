import { createHash } from "node:crypto";
import { badRequest, notFound, planRestriction } from "../http/api-error.js";
import { addRoute, ANYBODY, USER, z } from "../http/route.js";
import { projectRoles, roleNamed, type Role } from "../roles.js";
import type { RouteFile } from "./route-file.js";

/** The built-in roles of a project, and what a server without a licence refuses around them. */
export const addProjectRoleRoutes: RouteFile = (app, sandbox) => {
  addListRoutes(app, sandbox);
  addLicensedRoutes(app, sandbox);
};

const ofProject = z.object({ projectId: z.string() });

const addListRoutes: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/projects/:projectId/roles",
    access: ANYBODY,
    params: ofProject,
    async handle({ actor, params: { projectId } }) {
      (await sandbox.permissions.inProject(actor, projectId)).require("read", "role");
      return { roles: projectRoles.map((role) => roleView(role, projectId)) };
    },
  });
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/projects/:projectId/roles/slug/:roleSlug",
    access: ANYBODY,
    params: z.object({ projectId: z.string(), roleSlug: z.string() }),
    async handle({ actor, params: { projectId, roleSlug } }) {
      (await sandbox.permissions.inProject(actor, projectId)).require("read", "role");
      const role = roleNamed(projectRoles, roleSlug);
      if (role === undefined) throw notFound(`Role with slug '${roleSlug}' not found`);
      return { role: { ...roleView(role, projectId), permissions: role.rules } };
    },
  });
};

/** Built-in roles are not stored: the real server makes up new ids and times at every call. */
function roleView(role: Role, projectId: string): Record<string, unknown> {
  const now = new Date();
  const digest = createHash("sha256").update(`${projectId} ${role.slug}`).digest("hex");
  return {
    id: digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-4$3-8$4-$5"),
    name: role.name,
    description: role.description,
    slug: role.slug,
    createdAt: now,
    updatedAt: now,
    projectId,
  };
}

const addLicensedRoutes: RouteFile = (app, sandbox) => {
  // At the pin perhaps refused only when such a role is assigned; either way it cannot be used.
  for (const path of ["/api/v1/projects/:projectId/roles", "/api/v2/workspace/:projectId/roles"]) {
    addRoute(app, sandbox, {
      method: "POST",
      path,
      access: ANYBODY,
      params: ofProject,
      async handle({ actor, params: { projectId } }) {
        (await sandbox.permissions.inProject(actor, projectId)).require("create", "role");
        throw badRequest(
          "Failed to create custom role due to plan RBAC restriction. Upgrade to Infisical Enterprise plan to create custom roles.",
        );
      },
    });
  }
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v1/projects/:projectId/trusted-ips",
    access: USER,
    params: ofProject,
    async handle({ actor, params: { projectId } }) {
      (await sandbox.permissions.inProject(actor, projectId)).require("create", "ip-allowlist");
      throw planRestriction("add IP access range");
    },
  });
};
