import type { Actor } from "../auth/actor.js";
import { organizationOf } from "../auth/actors.js";
import { badRequest, forbidden } from "../http/api-error.js";
import { addRoute, ANYBODY, z } from "../http/route.js";
import { deletedEnvironments, environmentsOf } from "../project/environments.js";
import {
  createProject,
  presentProject,
  presentProjectInFull,
  projectById,
  projectBySlug,
  type ProjectRow,
} from "../project/projects.js";
import { slugField } from "../project/slug-field.js";
import type { Sandbox } from "../sandbox.js";
import { isUniqueViolation, queryRow } from "../store/store.js";
import type { RouteFile } from "./route-file.js";

const byId = z.object({ projectId: z.string() });
const bySlug = z.object({ slug: z.string() });
const ofType = z.object({ type: z.string().optional() });

/** Projects by the current paths, and by the older ones that the Node SDK uses. */
export const addProjectRoutes: RouteFile = (app, sandbox) => {
  addCreation(app, sandbox);
  addReading(app, sandbox);
  addListing(app, sandbox);
  addChange(app, sandbox);
  addDeletion(app, sandbox);
};

const addCreation: RouteFile = (app, sandbox) => {
  const body = z.object({
    projectName: nameField(sandbox.profile.projectNameMaxLength),
    projectDescription: z.string().trim().optional(),
    slug: slugField.optional(),
    type: z.string().default("secret-manager"),
    shouldCreateDefaultEnvs: z.boolean().default(true),
    hasDeleteProtection: z.boolean().default(false),
  });
  for (const path of ["/api/v1/projects", "/api/v2/workspace"]) {
    addRoute(app, sandbox, {
      method: "POST",
      path,
      access: ANYBODY,
      body,
      async handle({ actor, body: wanted }) {
        const grants = await sandbox.permissions.inOrganization(actor);
        if (!grants.can("create", "workspace")) throw forbidden("You don't have permission to create a project");
        const project = await createProject(sandbox.store, actor, {
          orgId: organizationOf(actor),
          name: wanted.projectName,
          slug: wanted.slug,
          description: wanted.projectDescription,
          type: wanted.type,
          hasDeleteProtection: wanted.hasDeleteProtection,
          withDefaultEnvironments: wanted.shouldCreateDefaultEnvs,
        });
        return { project: await inFull(sandbox, project, path) };
      },
    });
  }
};

function nameField(max: number | undefined): z.ZodString {
  const name = z.string().trim();
  return max === undefined ? name : name.max(max, { message: `Name must be ${max} or fewer characters` });
}

const addReading: RouteFile = (app, sandbox) => {
  for (const path of ["/api/v1/projects/:projectId", "/api/v1/workspace/:projectId"]) {
    addRoute(app, sandbox, {
      method: "GET",
      path,
      access: ANYBODY,
      params: byId,
      async handle({ actor, params }) {
        const project = await projectById(sandbox.store, params.projectId);
        await sandbox.permissions.inProject(actor, project.id);
        const wrapper = path.includes("workspace") ? "workspace" : "project";
        return { [wrapper]: await inFull(sandbox, project, path) };
      },
    });
  }
  for (const path of ["/api/v1/projects/slug/:slug", "/api/v2/workspace/:slug"]) {
    addRoute(app, sandbox, {
      method: "GET",
      path,
      access: ANYBODY,
      params: bySlug,
      async handle({ actor, params }) {
        const project = await projectBySlug(sandbox.store, organizationOf(actor), params.slug);
        await sandbox.permissions.inProject(actor, project.id);
        return inFull(sandbox, project, path);
      },
    });
  }
};

async function inFull(sandbox: Sandbox, project: ProjectRow, path: string): Promise<Record<string, unknown>> {
  const [only] = await allInFull(sandbox, [project], path, false);
  return only ?? {};
}

/** @param path the route's: the second version answers with a key's id in place of the deleted environments. */
async function allInFull(
  { store, profile }: Sandbox,
  projects: readonly ProjectRow[],
  path: string,
  isList = true,
): Promise<Record<string, unknown>[]> {
  const ids = projects.map(({ id }) => id);
  const environments = await environmentsOf(store, ids);
  return Promise.all(
    projects.map(async (project) => {
      const own = environments.filter(({ project_id: id }) => id === project.id);
      const full = presentProjectInFull(project, own);
      if (path.startsWith("/api/v2/")) return { ...full, kmsSecretManagerKeyId: null };
      if (!profile.environmentsAreDeletedSoftly) return full;
      // A list says that there are none, even where there are.
      const deleted = isList ? [] : await deletedEnvironments(store, own);
      return { ...full, deletedEnvironments: deleted };
    }),
  );
}

const addListing: RouteFile = (app, sandbox) => {
  for (const path of ["/api/v1/projects", "/api/v1/workspace"]) {
    addRoute(app, sandbox, {
      method: "GET",
      path,
      access: ANYBODY,
      query: ofType,
      async handle({ actor, query }) {
        const projects = await ownProjects(sandbox, actor, query.type);
        const wrapper = path.includes("workspace") ? "workspaces" : "projects";
        return { [wrapper]: await allInFull(sandbox, projects, path) };
      },
    });
  }
};

/** Projects of the organization that the actor is a member of, by name. */
function ownProjects(sandbox: Sandbox, actor: Actor, type: string | undefined): Promise<ProjectRow[]> {
  const column = actor.kind === "user" ? "user_id" : "identity_id";
  return sandbox.store.query<ProjectRow>(
    `select p.* from projects p join project_memberships m on m.project_id = p.id and m.${column} = $1
      where p.org_id = $2 and ($3::text is null or p.type = $3) order by lower(p.name), p.created_at`,
    [actor.id, organizationOf(actor), type ?? null],
  );
}

const addChange: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "PATCH",
    path: "/api/v1/projects/:projectId",
    access: ANYBODY,
    params: byId,
    body: z.object({
      name: z.string().trim().max(64, { message: "Name must be 64 or fewer characters" }).optional(),
      description: z.string().trim().max(256).nullable().optional(),
      slug: slugField.optional(),
      hasDeleteProtection: z.boolean().optional(),
    }),
    async handle({ actor, params, body }) {
      const project = await projectById(sandbox.store, params.projectId);
      (await sandbox.permissions.inProject(actor, project.id)).require("edit", "settings");
      return { project: presentProject(await changeProject(sandbox, { ...project, ...withoutUndefined(body) })) };
    },
  });
};

async function changeProject(
  sandbox: Sandbox,
  project: ProjectRow & { hasDeleteProtection?: boolean },
): Promise<ProjectRow> {
  try {
    return await queryRow<ProjectRow>(
      sandbox.store,
      `update projects set name = $2, description = $3, slug = $4, has_delete_protection = $5, updated_at = now()
        where id = $1 returning *`,
      [
        project.id,
        project.name,
        project.description,
        project.slug,
        project.hasDeleteProtection ?? project.has_delete_protection,
      ],
    );
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw badRequest(
      `Failed to update project. A project with the slug "${project.slug}" already exists in your organization. Please choose a different slug.`,
    );
  }
}

type Defined<Value> = { [Key in keyof Value]?: Exclude<Value[Key], undefined> };

function withoutUndefined<Value extends object>(value: Value): Defined<Value> {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as Defined<Value>;
}

const addDeletion: RouteFile = (app, sandbox) => {
  for (const path of ["/api/v1/projects/:projectId", "/api/v1/workspace/:projectId"]) {
    addRoute(app, sandbox, {
      method: "DELETE",
      path,
      access: ANYBODY,
      params: byId,
      async handle({ actor, params }) {
        const project = await projectById(sandbox.store, params.projectId);
        (await sandbox.permissions.inProject(actor, project.id)).require("delete", "workspace");
        if (project.has_delete_protection) throw forbidden("Project delete protection is enabled");
        await sandbox.store.query("delete from projects where id = $1", [project.id]);
        const wrapper = path.includes("workspace") ? "workspace" : "project";
        return { [wrapper]: presentProject(project) };
      },
    });
  }
};
