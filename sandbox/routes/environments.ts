import { notFound } from "../http/api-error.js";
import { addRoute, ANYBODY, z } from "../http/route.js";
import {
  createEnvironment,
  deleteEnvironment,
  environmentById,
  environmentBySlug,
  findEnvironment,
  presentEnvironment,
  updateEnvironment,
} from "../project/environments.js";
import { shortSlugField } from "../project/slug-field.js";
import type { RouteFile } from "./route-file.js";

/** Both prefixes serve the same; the older one calls the project "workspace" in its answers. */
const PREFIXES = [
  { prefix: "/api/v1/projects", project: "projectId" },
  { prefix: "/api/v1/workspace", project: "workspace" },
] as const;

const inProject = z.object({ projectId: z.string() });
const one = inProject.extend({ environmentId: z.string() });
const nameField = z.string().trim().min(1);
const positionField = z.number().min(1);

/** Environments of a project. There is no list route: a project's answer holds them. */
export const addEnvironmentRoutes: RouteFile = (app, sandbox) => {
  addCreation(app, sandbox);
  addReading(app, sandbox);
  addChange(app, sandbox);
  addDeletion(app, sandbox);
};

const addCreation: RouteFile = (app, sandbox) => {
  for (const { prefix, project } of PREFIXES) {
    addRoute(app, sandbox, {
      method: "POST",
      path: `${prefix}/:projectId/environments`,
      access: ANYBODY,
      params: inProject,
      body: z.object({ name: nameField, slug: shortSlugField, position: positionField.optional() }),
      async handle({ actor, params: { projectId }, body }) {
        (await sandbox.permissions.inProject(actor, projectId)).require("create", "environments");
        const environment = await sandbox.store.transaction((transaction) =>
          createEnvironment(transaction, projectId, body),
        );
        return {
          message: "Successfully created new environment",
          [project]: projectId,
          environment: presentEnvironment(sandbox.profile, environment),
        };
      },
    });
  }
};

const addReading: RouteFile = (app, sandbox) => {
  for (const { prefix } of PREFIXES) {
    addRoute(app, sandbox, {
      method: "GET",
      path: `${prefix}/:projectId/environments/:environmentId`,
      access: ANYBODY,
      params: one,
      async handle({ actor, params }) {
        (await sandbox.permissions.inProject(actor, params.projectId)).require("read", "environments");
        const environment = await environmentById(sandbox.store, params.projectId, params.environmentId);
        return { environment: presentEnvironment(sandbox.profile, environment) };
      },
    });
  }
  if (!sandbox.profile.servesRoutesAfterPin) return;
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/projects/:projectId/environments/slug/:slug",
    access: ANYBODY,
    params: inProject.extend({ slug: z.string() }),
    async handle({ actor, params }) {
      (await sandbox.permissions.inProject(actor, params.projectId)).require("read", "environments");
      const environment = await environmentBySlug(sandbox.store, params.projectId, params.slug);
      return { environment: presentEnvironment(sandbox.profile, environment) };
    },
  });
};

const addChange: RouteFile = (app, sandbox) => {
  for (const { prefix, project } of PREFIXES) {
    addRoute(app, sandbox, {
      method: "PATCH",
      path: `${prefix}/:projectId/environments/:environmentId`,
      access: ANYBODY,
      params: one,
      body: z.object({
        name: nameField.optional(),
        slug: shortSlugField.optional(),
        position: positionField.optional(),
      }),
      async handle({ actor, params: { projectId, environmentId }, body }) {
        (await sandbox.permissions.inProject(actor, projectId)).require("edit", "environments");
        const environment = await sandbox.store.transaction(async (transaction) => {
          const found = await findEnvironment(transaction, projectId, environmentId);
          if (found === undefined) throw missing(projectId, environmentId, "UpdateEnvironment");
          return updateEnvironment(transaction, found, body);
        });
        return {
          message: "Successfully updated environment",
          [project]: projectId,
          environment: presentEnvironment(sandbox.profile, environment),
        };
      },
    });
  }
};

const addDeletion: RouteFile = (app, sandbox) => {
  for (const { prefix, project } of PREFIXES) {
    addRoute(app, sandbox, {
      method: "DELETE",
      path: `${prefix}/:projectId/environments/:environmentId`,
      access: ANYBODY,
      params: one,
      async handle({ actor, params: { projectId, environmentId } }) {
        (await sandbox.permissions.inProject(actor, projectId)).require("delete", "environments");
        const environment = await sandbox.store.transaction(async (transaction) => {
          const found = await findEnvironment(transaction, projectId, environmentId);
          if (found === undefined) throw missing(projectId, environmentId, "DeleteEnvironment");
          return deleteEnvironment(transaction, sandbox.profile, found, actor);
        });
        return {
          message: "Successfully deleted environment",
          [project]: projectId,
          environment: presentEnvironment(sandbox.profile, environment),
        };
      },
    });
  }
};

const missing = (projectId: string, id: string, errorName: string): Error =>
  notFound(`Environment with id '${id}' in project with ID '${projectId}' not found`, errorName);
