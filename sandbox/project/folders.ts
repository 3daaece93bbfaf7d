import { badRequest, notFound } from "../http/api-error.js";
import { isUuid } from "../http/uuid.js";
import { queryOne, queryRow, type Queryable } from "../store/store.js";
import { environmentBySlug } from "./environments.js";
import { noteCommit, type Author } from "./history.js";
import { joinPath, normalPath, pathParts } from "./secret-path.js";

export interface FolderRow {
  readonly id: string;
  readonly environment_id: string;
  /** null: the root folder of its environment. */
  readonly parent_id: string | null;
  readonly name: string;
  readonly path: string;
  readonly version: number;
  readonly description: string | null;
  readonly last_secret_modified: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** A place as requests name it. */
export interface FolderPlace {
  readonly projectId: string;
  /** Slug. */
  readonly environment: string;
  readonly path: string;
}

/** The folder at a place, or undefined when environment or path do not exist. */
export function findFolder(
  source: Queryable,
  { projectId, environment, path }: FolderPlace,
): Promise<FolderRow | undefined> {
  return queryOne<FolderRow>(
    source,
    `select f.* from folders f join environments e on e.id = f.environment_id
      where e.project_id = $1 and e.slug = $2 and e.deleted_at is null and f.path = $3`,
    [projectId, environment, normalPath(path)],
  );
}

/**
 * Makes a folder; parents that are missing are made in silence. Run it in a transaction.
 * @throws ApiError 404 for an unknown environment, 400 when it is there already.
 */
export async function createFolder(
  transaction: Queryable,
  place: FolderPlace,
  wanted: { name: string; description?: string | null | undefined },
  author: Author,
): Promise<FolderRow> {
  const environment = await environmentBySlug(transaction, place.projectId, place.environment);
  // Two at once: the second waits here and then finds the folder.
  await transaction.query("select 1 from folders where environment_id = $1 and path = '/' for update", [
    environment.id,
  ]);
  let parent = await folderAt(transaction, environment.id, "/");
  for (const name of pathParts(place.path)) {
    const path = joinPath(parent.path, name);
    parent = (await findAt(transaction, environment.id, path)) ?? (await insertFolder(transaction, parent, { name }));
  }
  if ((await findAt(transaction, environment.id, joinPath(parent.path, wanted.name))) !== undefined) {
    throw badRequest(`Folder with name '${wanted.name}' already exists in path '${normalPath(place.path)}'`);
  }
  const folder = await insertFolder(transaction, parent, wanted);
  await noteCommit(transaction, parent, author, "Folder created");
  return folder;
}

function findAt(source: Queryable, environmentId: string, path: string): Promise<FolderRow | undefined> {
  return queryOne<FolderRow>(source, "select * from folders where environment_id = $1 and path = $2", [
    environmentId,
    path,
  ]);
}

const folderAt = (source: Queryable, environmentId: string, path: string): Promise<FolderRow> =>
  queryRow<FolderRow>(source, "select * from folders where environment_id = $1 and path = $2", [environmentId, path]);

function insertFolder(
  source: Queryable,
  parent: FolderRow,
  { name, description }: { name: string; description?: string | null | undefined },
): Promise<FolderRow> {
  return queryRow<FolderRow>(
    source,
    `insert into folders (environment_id, parent_id, name, path, description) values ($1, $2, $3, $4, $5) returning *`,
    [parent.environment_id, parent.id, name, joinPath(parent.path, name), description ?? null],
  );
}

/** The folders in a place, by name; with `recursive` all below it, shallow ones first. A missing place has none. */
export async function listFolders(source: Queryable, place: FolderPlace, recursive: boolean): Promise<FolderRow[]> {
  const parent = await findFolder(source, place);
  if (parent === undefined) return [];
  if (!recursive) {
    return source.query<FolderRow>("select * from folders where parent_id = $1 order by lower(name)", [parent.id]);
  }
  return source.query<FolderRow>(
    `select * from folders where environment_id = $1 and parent_id is not null and starts_with(path, $2)
      order by length(path) - length(replace(path, '/', '')), path`,
    [parent.environment_id, parent.path === "/" ? "/" : `${parent.path}/`],
  );
}

/**
 * A folder by its id anywhere in the environment, or by its name in the place.
 * @throws ApiError 404
 */
export async function folderByIdOrName(
  source: Queryable,
  place: FolderPlace,
  idOrName: string,
  errorName: string,
): Promise<FolderRow> {
  const environment = await environmentBySlug(source, place.projectId, place.environment);
  const found = isUuid(idOrName)
    ? await queryOne<FolderRow>(
        source,
        "select * from folders where environment_id = $1 and id = $2 and parent_id is not null",
        [environment.id, idOrName],
      )
    : await findAt(source, environment.id, joinPath(normalPath(place.path), idOrName));
  if (found !== undefined) return found;
  throw notFound(`Folder with ID '${idOrName}' in environment with slug '${place.environment}' not found`, errorName);
}

/**
 * Gives a folder another name and moves all that lies below it along. Counts as a change even for the same name.
 * @throws ApiError 400 when a neighbour has that name.
 */
export async function renameFolder(
  transaction: Queryable,
  folder: FolderRow,
  change: { name: string; description?: string | null | undefined },
): Promise<FolderRow> {
  const parentPath = folder.path.slice(0, folder.path.lastIndexOf("/"));
  const path = `${parentPath}/${change.name}`;
  const holder = await findAt(transaction, folder.environment_id, path);
  if (holder !== undefined && holder.id !== folder.id) {
    throw badRequest("Folder with specified name already exists", "UpdateFolder");
  }
  await transaction.query(
    "update folders set path = $3 || substr(path, length($2) + 1) where environment_id = $1 and starts_with(path, $2 || '/')",
    [folder.environment_id, folder.path, path],
  );
  return queryRow<FolderRow>(
    transaction,
    `update folders set name = $2, path = $3, description = coalesce($4, description), version = version + 1,
      updated_at = now() where id = $1 returning *`,
    [folder.id, change.name, path, change.description ?? null],
  );
}

/** @throws ApiError 400 when something lies in it and `force` is off. */
export async function deleteFolder(
  transaction: Queryable,
  folder: FolderRow,
  force: boolean,
  author: Author,
): Promise<void> {
  const content = await queryOne(
    transaction,
    "select 1 as found from secrets where folder_id = $1 union all select 1 from folders where parent_id = $1 limit 1",
    [folder.id],
  );
  if (content !== undefined && !force) {
    throw badRequest(
      `Cannot delete folder "${folder.name}" because it contains resources. Use forceDelete=true to delete it forcefully.`,
      "deleteFolder",
    );
  }
  const parent = { id: folder.parent_id ?? folder.id, environment_id: folder.environment_id };
  await transaction.query("delete from folders where id = $1", [folder.id]);
  await noteCommit(transaction, parent, author, "Folder deleted");
}

/** A folder's own fields as every answer has them. */
export function presentFolder(folder: FolderRow): Record<string, unknown> {
  return {
    id: folder.id,
    name: folder.name,
    version: folder.version,
    createdAt: folder.created_at,
    updatedAt: folder.updated_at,
    envId: folder.environment_id,
    parentId: folder.parent_id,
    isReserved: false,
    description: folder.description,
    lastSecretModified: folder.last_secret_modified,
  };
}
