import { objectsAt } from "./answer";
import type { Ask } from "./http";
import type { Project } from "./projects";

/** Whether a project holds nothing yet: no secret and no folder in any of its environments. */
export async function isEmptyProject(ask: Ask, project: Project): Promise<boolean> {
  const places = project.environments.map(({ slug }) => ({ projectId: project.id, environment: slug }));
  const counts = await Promise.all(
    places.flatMap((place) => [
      count(ask, "/api/v2/folders", "folders", { ...place, path: "/" }),
      count(ask, "/api/v4/secrets", "secrets", { ...place, secretPath: "/", viewSecretValue: false }),
    ]),
  );
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
