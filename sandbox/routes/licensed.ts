import { organizationOf } from "../auth/actors.js";
import { notServed, planRestriction } from "../http/api-error.js";
import { addRoute, ANYBODY, USER, z } from "../http/route.js";
import { projectBySlug } from "../project/projects.js";
import type { RouteFile } from "./route-file.js";

/** What a server without a licence refuses about projects. Membership is asked for first, the licence afterwards. */
export const addLicensedRoutes: RouteFile = (app, sandbox) => {
  addApprovals(app, sandbox);
  addRotations(app, sandbox);
  addDynamicSecrets(app, sandbox);
  addServiceTokens(app, sandbox);
};

const addApprovals: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v1/secret-approvals",
    access: ANYBODY,
    body: z.object({ workspaceId: z.string(), environment: z.string() }),
    async handle({ actor, body }) {
      (await sandbox.permissions.inProject(actor, body.workspaceId)).require("create", "secret-approval");
      throw planRestriction("create secret approval policy");
    },
  });
};

const addRotations: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v2/secret-rotations",
    access: ANYBODY,
    query: z.object({ projectId: z.string().trim() }),
    async handle({ actor, query }) {
      await sandbox.permissions.inProject(actor, query.projectId);
      throw planRestriction("access secret rotations");
    },
  });
};

const addDynamicSecrets: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/dynamic-secrets",
    access: ANYBODY,
    query: z.object({ projectSlug: z.string(), environmentSlug: z.string(), path: z.string().default("/") }),
    async handle({ actor, query }) {
      const project = await projectBySlug(sandbox.store, organizationOf(actor), query.projectSlug);
      (await sandbox.permissions.inProject(actor, project.id)).require("read-root-credential", "dynamic-secrets");
      return { dynamicSecrets: [] };
    },
  });
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v1/dynamic-secrets",
    access: ANYBODY,
    body: z.object({ projectSlug: z.string(), environmentSlug: z.string(), name: z.string() }),
    async handle({ actor, body }) {
      const project = await projectBySlug(sandbox.store, organizationOf(actor), body.projectSlug);
      (await sandbox.permissions.inProject(actor, project.id)).require("create-root-credential", "dynamic-secrets");
      throw planRestriction("create dynamic secret");
    },
  });
};

const addServiceTokens: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v2/service-token",
    access: USER,
    body: z.object({ workspaceId: z.string(), name: z.string() }),
    async handle({ actor, body }) {
      (await sandbox.permissions.inProject(actor, body.workspaceId)).require("create", "service-tokens");
      throw notServed("a service token (upstream has replaced them by machine identities)");
    },
  });
};
