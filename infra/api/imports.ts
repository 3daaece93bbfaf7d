import { objectsAt, stringAt } from "./answer";
import { isNotFound } from "./fault";
import type { Ask } from "./http";
import type { SecretsPlace } from "./secrets";

/** A folder whose secrets show in another folder, too. Its own folder need not exist. */
export interface SecretImport {
  id: string;
  environment: string;
  path: string;
}

const IMPORTS = "/api/v2/secret-imports";

/** The imports of a folder in their order, of which the last one wins; nothing when the folder is missing. */
export async function listImports(ask: Ask, place: SecretsPlace): Promise<SecretImport[] | undefined> {
  try {
    const answer = await ask({ method: "GET", path: IMPORTS, query: placeIn(place) });
    return objectsAt(answer, "secretImports")
      .map((entry) => ({
        id: stringAt(entry, "id"),
        environment: stringAt(entry, "importEnv.slug"),
        path: stringAt(entry, "importPath"),
        position: Number(entry.position ?? 0),
      }))
      .sort((a, b) => a.position - b.position)
      .map(({ id, environment, path }) => ({ id, environment, path }));
  } catch (thrown) {
    if (isNotFound(thrown)) return undefined;
    throw thrown;
  }
}

/** Adds an import at the end. The server makes another one when it is there already. */
export async function addImport(ask: Ask, place: SecretsPlace, from: Omit<SecretImport, "id">): Promise<void> {
  const body = { ...placeIn(place), import: { environment: from.environment, path: from.path } };
  await ask({ method: "POST", path: IMPORTS, body });
}

/** Takes an import away; one that is gone already is fine. */
export async function removeImport(ask: Ask, place: SecretsPlace, id: string): Promise<void> {
  try {
    await ask({ method: "DELETE", path: `${IMPORTS}/${id}`, body: placeIn(place) });
  } catch (thrown) {
    if (!isNotFound(thrown)) throw thrown;
  }
}

function placeIn({ projectId, environment, secretPath }: SecretsPlace) {
  return { projectId, environment, path: secretPath };
}
