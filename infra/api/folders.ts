import { at, objectsAt, optionalString, stringAt, type Json } from "./answer";
import { isNotFound } from "./fault";
import type { Ask } from "./http";

/** A folder of one environment; `path` is absolute, such as `/openai-rag`. */
export interface Folder {
  id: string;
  path: string;
  description: string;
}

interface Place {
  projectId: string;
  environment: string;
}

/** Only these two: whoever calls may hand over an object that holds more, secrets included. */
function placeIn({ projectId, environment }: Place): { projectId: string; environment: string } {
  return { projectId, environment };
}

/** `/a/b` is `b` in `/a`. */
export function parentOf(path: string): { parent: string; name: string } {
  const cut = path.lastIndexOf("/");
  return { parent: cut === 0 ? "/" : path.slice(0, cut), name: path.slice(cut + 1) };
}

/** The folder, or nothing when it is gone. */
export async function getFolder(ask: Ask, id: string): Promise<Folder | undefined> {
  try {
    const folder = at(await ask({ method: "GET", path: `/api/v2/folders/${id}` }), "folder");
    return { id, path: stringAt(folder, "path"), description: optionalString(folder, "description") ?? "" };
  } catch (thrown) {
    if (isNotFound(thrown)) return undefined;
    throw thrown;
  }
}

/** The folder at this path, or nothing. Listing below a missing parent gives an empty list, not 404. */
export async function findFolder(ask: Ask, place: Place, path: string): Promise<Folder | undefined> {
  const { parent, name } = parentOf(path);
  const folders = await listFolders(ask, place, parent);
  const entry = folders.find((folder) => folder.name === name);
  if (entry === undefined) return undefined;
  return { id: stringAt(entry, "id"), path, description: optionalString(entry, "description") ?? "" };
}

/** Makes the folder, and in silence every parent that is missing. @throws status 400 when it exists. */
export async function createFolder(ask: Ask, place: Place, path: string, description: string): Promise<Folder> {
  const { parent, name } = parentOf(path);
  const body = { ...placeIn(place), name, path: parent, description };
  const answer = await ask({ method: "POST", path: "/api/v2/folders", body });
  return { id: stringAt(answer, "folder.id"), path, description };
}

/** Gives a folder another name in the same parent, and its description. Its secrets stay in it. */
export async function updateFolder(
  ask: Ask,
  place: Place,
  id: string,
  wanted: { path: string; description: string },
): Promise<void> {
  const { parent, name } = parentOf(wanted.path);
  const body = { ...placeIn(place), name, path: parent, description: wanted.description };
  await ask({ method: "PATCH", path: `/api/v2/folders/${id}`, body });
}

/** Deletes an empty folder; one that is gone already is fine. @throws status 400 when something is in it. */
export async function deleteFolder(ask: Ask, place: Place, folder: { id: string; path: string }): Promise<void> {
  const body = { ...placeIn(place), path: parentOf(folder.path).parent, forceDelete: false };
  try {
    await ask({ method: "DELETE", path: `/api/v2/folders/${folder.id}`, body });
  } catch (thrown) {
    if (!isNotFound(thrown)) throw thrown;
  }
}

/** All folders of an environment, parents before children; the root is none of them. */
export async function listFolderTree(ask: Ask, place: Place): Promise<Folder[]> {
  const query = { ...placeIn(place), path: "/", recursive: true };
  const folders = objectsAt(await ask({ method: "GET", path: "/api/v2/folders", query }), "folders");
  return folders
    .map((folder) => ({
      id: stringAt(folder, "id"),
      path: stringAt(folder, "relativePath"),
      description: optionalString(folder, "description") ?? "",
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function listFolders(ask: Ask, place: Place, path: string): Promise<Json[]> {
  return objectsAt(
    await ask({ method: "GET", path: "/api/v2/folders", query: { ...placeIn(place), path } }),
    "folders",
  );
}
