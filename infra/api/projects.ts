import { at, objectsAt, optionalString, stringAt, type Json } from "./answer";
import { orNothing } from "./fault";
import type { Ask } from "./http";

export interface Environment {
  id: string;
  slug: string;
  name: string;
}

export interface Project {
  id: string;
  slug: string;
  name: string;
  description: string;
  environments: Environment[];
}

/** The project, or nothing when it is gone. @throws 403 ProjectMembershipNotFound when the caller is not its member. */
export async function getProject(ask: Ask, id: string): Promise<Project | undefined> {
  return orNothing(async () => projectOf(at(await ask({ method: "GET", path: `/api/v1/projects/${id}` }), "project")));
}

/** The project of this slug, which is unique in an organization. This route answers with the bare project. */
export async function findProject(ask: Ask, slug: string): Promise<Project | undefined> {
  return orNothing(async () => projectOf(await ask({ method: "GET", path: `/api/v1/projects/slug/${slug}` })));
}

/** Ids of the projects that the caller is a member of. */
export async function listProjectIds(ask: Ask): Promise<string[]> {
  const answer = await ask({ method: "GET", path: "/api/v1/projects" });
  return objectsAt(answer, "projects").map((project) => stringAt(project, "id"));
}

/** Makes a project without environments. @throws status 400 when the slug is taken. */
export async function createProject(
  ask: Ask,
  wanted: { slug: string; name: string; description: string },
): Promise<Project> {
  const answer = await ask({
    method: "POST",
    path: "/api/v1/projects",
    body: {
      projectName: wanted.name,
      slug: wanted.slug,
      projectDescription: wanted.description,
      type: "secret-manager",
      shouldCreateDefaultEnvs: false,
    },
  });
  return projectOf(at(answer, "project"));
}

export async function updateProject(
  ask: Ask,
  id: string,
  { slug, name, description }: { slug: string; name: string; description: string },
): Promise<void> {
  await ask({ method: "PATCH", path: `/api/v1/projects/${id}`, body: { slug, name, description } });
}

/** Deletes it with all that is in it; one that is gone already is fine. */
export async function deleteProject(ask: Ask, id: string): Promise<void> {
  await orNothing(() => ask({ method: "DELETE", path: `/api/v1/projects/${id}` }));
}

/** Adds an environment at a position, counted from 1. @throws status 400 when the slug is taken. */
export async function createEnvironment(
  ask: Ask,
  projectId: string,
  { slug, name, position }: { slug: string; name: string; position: number },
): Promise<Environment> {
  const path = `/api/v1/projects/${projectId}/environments`;
  const answer = await ask({ method: "POST", path, body: { slug, name, position } });
  return { id: stringAt(answer, "environment.id"), slug, name };
}

export async function renameEnvironment(ask: Ask, projectId: string, id: string, name: string): Promise<void> {
  await ask({ method: "PATCH", path: `/api/v1/projects/${projectId}/environments/${id}`, body: { name } });
}

/** Deletes it with all that is in it; one that is gone already is fine. */
export async function deleteEnvironment(ask: Ask, projectId: string, id: string): Promise<void> {
  await orNothing(() => ask({ method: "DELETE", path: `/api/v1/projects/${projectId}/environments/${id}` }));
}

/** Makes people administrators of the project; those who are members already stay as they are. */
export async function addProjectAdmins(ask: Ask, projectId: string, emails: string[]): Promise<void> {
  const path = `/api/v1/projects/${projectId}/memberships`;
  await ask({ method: "POST", path, body: { emails, roleSlugs: ["admin"] }, repeatable: true });
}

/** E-mail addresses of the project's human members. */
export async function projectMemberEmails(ask: Ask, projectId: string): Promise<string[]> {
  const answer = await ask({ method: "GET", path: `/api/v1/projects/${projectId}/memberships` });
  return objectsAt(answer, "memberships")
    .map((member) => optionalString(member, "user.email") ?? optionalString(member, "user.username"))
    .filter((email) => email !== undefined);
}

function projectOf(answer: unknown): Project {
  return {
    id: stringAt(answer, "id"),
    slug: stringAt(answer, "slug"),
    name: stringAt(answer, "name"),
    description: optionalString(answer, "description") ?? "",
    environments: objectsAt(answer, "environments").map(environmentOf),
  };
}

function environmentOf(entry: Json): Environment {
  return { id: stringAt(entry, "id"), slug: stringAt(entry, "slug"), name: stringAt(entry, "name") };
}
