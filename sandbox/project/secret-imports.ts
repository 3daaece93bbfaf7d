import { notFound } from "../http/api-error.js";
import { isUuid } from "../http/uuid.js";
import { queryOne, queryRow, type Queryable } from "../store/store.js";
import { environmentBySlug } from "./environments.js";
import { findFolder, type FolderRow } from "./folders.js";

export interface ImportRow {
  readonly id: string;
  readonly folder_id: string;
  readonly environment_id: string;
  readonly import_path: string;
  readonly position: number;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly environment_name: string;
  readonly environment_slug: string;
  readonly project_id: string;
  readonly project_name: string;
}

/** Where an import takes secrets from. */
export interface ImportSource {
  readonly environment: string;
  readonly path: string;
  /** undefined: the folder is not there (imports of missing folders are accepted). */
  readonly folder: FolderRow | undefined;
}

const WITH_ENVIRONMENT = `select i.*, e.name as environment_name, e.slug as environment_slug, p.id as project_id,
  p.name as project_name from secret_imports i join environments e on e.id = i.environment_id
  join projects p on p.id = e.project_id`;

/** The imports of a folder in their order. */
export function importsOf(source: Queryable, folderId: string): Promise<ImportRow[]> {
  return source.query<ImportRow>(`${WITH_ENVIRONMENT} where i.folder_id = $1 order by i.position`, [folderId]);
}

/** The sources of a folder's imports, each once: the same import may stand there several times. */
export async function importsInto(source: Queryable, folderId: string): Promise<ImportSource[]> {
  const rows = await importsOf(source, folderId);
  const unique = new Map(rows.map((row) => [`${row.environment_id}:${row.import_path}`, row]));
  const sources: ImportSource[] = [];
  for (const row of unique.values()) {
    const place = { projectId: row.project_id, environment: row.environment_slug, path: row.import_path };
    sources.push({ environment: place.environment, path: place.path, folder: await findFolder(source, place) });
  }
  return sources;
}

/**
 * Adds an import at the end. Nothing keeps it from standing there already.
 * @throws ApiError 404 for an unknown environment.
 */
export async function createImport(
  transaction: Queryable,
  folder: FolderRow,
  projectId: string,
  from: { environment: string; path: string },
): Promise<ImportRow> {
  const environment = await environmentBySlug(transaction, projectId, from.environment);
  const { id } = await queryRow<{ id: string }>(
    transaction,
    `insert into secret_imports (folder_id, environment_id, import_path, position) values ($1, $2, $3,
      (select coalesce(max(position), 0) + 1 from secret_imports where folder_id = $1)) returning id`,
    [folder.id, environment.id, from.path],
  );
  return queryRow<ImportRow>(transaction, `${WITH_ENVIRONMENT} where i.id = $1`, [id]);
}

/** @throws ApiError 404 */
export async function importById(source: Queryable, folder: FolderRow, id: string): Promise<ImportRow> {
  const found = isUuid(id)
    ? await queryOne<ImportRow>(source, `${WITH_ENVIRONMENT} where i.id = $1 and i.folder_id = $2`, [id, folder.id])
    : undefined;
  if (found === undefined) throw notFound(`Secret import with ID '${id}' not found`);
  return found;
}

export async function removeImport(
  transaction: Queryable,
  { id, folder_id: folderId, position }: ImportRow,
): Promise<void> {
  await transaction.query("delete from secret_imports where id = $1", [id]);
  await transaction.query("update secret_imports set position = position - 1 where folder_id = $1 and position > $2", [
    folderId,
    position,
  ]);
}

/** An import as answers have it; the list of the newer version tells the project too. */
export function presentImport(row: ImportRow, withProject: boolean): Record<string, unknown> {
  const importEnv = { name: row.environment_name, slug: row.environment_slug, id: row.environment_id };
  return {
    id: row.id,
    version: 1,
    importPath: row.import_path,
    position: row.position,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    folderId: row.folder_id,
    isReplication: false,
    isReplicationSuccess: null,
    replicationStatus: null,
    lastReplicated: null,
    isReserved: false,
    importEnv: withProject ? { ...importEnv, projectId: row.project_id } : importEnv,
    ...(withProject ? { sourceProjectName: row.project_name } : {}),
  };
}
