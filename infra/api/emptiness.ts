import { objectsAt } from "./answer";
import type { Ask } from "./http";
import type { Project } from "./projects";

/** Whether a project holds nothing yet: no secret and no folder in any of its environments. */
export async function isEmptyProject(ask: Ask, project: Project): Promise<boolean> {
  const roots = project.environments.map(({ slug }) => isEmptyFolder(ask, project.id, slug, "/"));
  return (await Promise.all(roots)).every((empty) => empty);
}

/** Whether there is neither a secret nor a folder in this one. */
export async function isEmptyFolder(ask: Ask, projectId: string, environment: string, path: string): Promise<boolean> {
  const counts = await Promise.all([
    count(ask, "/api/v2/folders", "folders", { projectId, environment, path }),
    count(ask, "/api/v4/secrets", "secrets", { projectId, environment, secretPath: path, viewSecretValue: false }),
  ]);
  return counts.every((found) => found === 0);
}

async function count(
  ask: Ask,
  path: string,
  list: string,
  query: { [name: string]: string | boolean },
): Promise<number> {
  return objectsAt(await ask({ method: "GET", path, query }), list).length;
}
