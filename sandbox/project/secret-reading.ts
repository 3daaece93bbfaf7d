import { ApiError, forbidden, notFound } from "../http/api-error.js";
import type { Attributes } from "../permission-rules.js";
import type { Grants } from "../permissions.js";
import type { Sandbox } from "../sandbox.js";
import { queryOne } from "../store/store.js";
import { findFolder, type FolderPlace, type FolderRow } from "./folders.js";
import { importsInto, type ImportSource } from "./secret-imports.js";
import { expandReferences, type ReferenceReader, type SecretPlace } from "./secret-references.js";
import {
  HIDDEN,
  NO_ROTATION,
  presentMetadata,
  presentSecret,
  presentTags,
  secretsIn,
  secretsNamed,
  tagsOf,
  type SecretRow,
  type ShownValue,
  type TagRow,
} from "./secrets.js";

/** How a caller wants values. */
export interface ReadOptions {
  readonly viewSecretValue: boolean;
  readonly expandSecretReferences: boolean;
  readonly includeImports: boolean;
}

export interface ListOptions extends ReadOptions {
  readonly recursive: boolean;
  /** Only secrets with one of these tags. */
  readonly tagSlugs: readonly string[];
  /** Only secrets that carry all of these. */
  readonly metadata: readonly { readonly key: string; readonly value: string }[];
}

/** One call's view of the secrets of a project: what the actor may see, and each referenced secret read once. */
export interface SecretReader {
  /**
   * All secrets of a folder that the actor may see. Where it may see others, a forbidden folder is an empty list.
   * @throws ApiError 403 without any permission to read secrets, 404 for a missing folder, 403 when a reference is forbidden.
   */
  list(place: FolderPlace, options: ListOptions): Promise<{ secrets: unknown[]; imports: unknown[] }>;
  /** @throws ApiError 404 (folder, then secret), 403 PermissionDenied, 403 ForbiddenReadSecretError */
  get(place: FolderPlace, key: string, options: ReadOptions): Promise<Record<string, unknown>>;
  /** A numbered version, by the name that the secret had then. */
  getVersion(place: FolderPlace, key: string, version: number, options: ReadOptions): Promise<Record<string, unknown>>;
}

interface FoundSecret {
  readonly secret: SecretRow;
  readonly place: FolderPlace;
  readonly tags: readonly TagRow[];
}

export function createSecretReader(sandbox: Sandbox, grants: Grants): SecretReader {
  const context: Context = { sandbox, grants, referenced: new Map() };
  return {
    list: (place, options) => list(context, place, options),
    get: (place, key, options) => get(context, place, key, options),
    getVersion: (place, key, version, options) => getVersion(context, place, key, version, options),
  };
}

interface Context {
  readonly sandbox: Sandbox;
  readonly grants: Grants;
  /** Referenced secrets read so far, by place. */
  readonly referenced: Map<string, Promise<FoundSecret | undefined>>;
}

/** What permission rules may ask about a secret. */
export const attributesOf = (place: FolderPlace, key: string, tags: readonly TagRow[]): Attributes => ({
  environment: place.environment,
  secretPath: place.path,
  secretName: key,
  secretTags: tags.map(({ slug }) => slug),
});

async function list(
  context: Context,
  place: FolderPlace,
  options: ListOptions,
): Promise<{ secrets: unknown[]; imports: unknown[] }> {
  const { store } = context.sandbox;
  context.grants.require("describeSecret", "secrets");
  if (options.viewSecretValue) context.grants.require("readValue", "secrets");
  const folder = await findFolder(store, place);
  if (folder === undefined) throw missingListFolder(place);
  const found = await visibleIn(context, place, options.recursive ? await subtree(context, folder) : [folder], options);
  const wanted = found.filter((one) => matchesFilters(one, options));
  const secrets = await presentAll(context, wanted, options, presentRead);
  const imports = options.includeImports ? await presentImports(context, folder, place.projectId, options) : [];
  return { secrets, imports };
}

const missingListFolder = ({ path, environment }: FolderPlace): ApiError =>
  notFound(
    `Folder with path '${path}' in environment '${environment}' was not found. Please ensure the environment slug and secret path is correct.`,
    "SecretPathNotFound",
  );

function subtree({ sandbox }: Context, folder: FolderRow): Promise<FolderRow[]> {
  return sandbox.store.query<FolderRow>(
    "select * from folders where environment_id = $1 and (id = $2 or starts_with(path, $3))",
    [folder.environment_id, folder.id, folder.path === "/" ? "/" : `${folder.path}/`],
  );
}

async function visibleIn(
  { sandbox, grants }: Context,
  { projectId, environment }: FolderPlace,
  folders: readonly FolderRow[],
  options: ReadOptions,
): Promise<FoundSecret[]> {
  const paths = new Map(folders.map(({ id, path }) => [id, path]));
  const secrets = await secretsIn(sandbox.store, [...paths.keys()]);
  const tags = await tagsOf(
    sandbox.store,
    secrets.map(({ id }) => id),
  );
  const found = secrets.map((secret) => ({
    secret,
    place: { projectId, environment, path: paths.get(secret.folder_id) ?? "/" },
    tags: tags.get(secret.id) ?? [],
  }));
  return found.filter(({ secret, place, tags: own }) => {
    const attributes = attributesOf(place, secret.key, own);
    if (!grants.can("describeSecret", "secrets", attributes)) return false;
    return !options.viewSecretValue || grants.can("readValue", "secrets", attributes);
  });
}

function matchesFilters({ secret, tags }: FoundSecret, { tagSlugs, metadata }: ListOptions): boolean {
  if (tagSlugs.length > 0 && !tags.some(({ slug }) => tagSlugs.includes(slug))) return false;
  return metadata.every(({ key, value }) => secret.metadata.some((own) => own.key === key && own.value === value));
}

type Presenter = (found: FoundSecret, value: ShownValue, comment: string) => Record<string, unknown>;

const presentRead: Presenter = ({ secret, place, tags }, value, comment) => ({
  ...presentSecret(secret, place, value, comment),
  ...NO_ROTATION,
  secretPath: place.path,
  secretValueHidden: value === HIDDEN,
  secretMetadata: presentMetadata(secret.metadata),
  tags: presentTags(tags),
});

/** @throws ApiError 403 with every forbidden reference in its details: one of them fails the whole list. */
async function presentAll(
  context: Context,
  found: readonly FoundSecret[],
  options: ReadOptions,
  present: Presenter,
): Promise<Record<string, unknown>[]> {
  const refused: string[] = [];
  const presented: Record<string, unknown>[] = [];
  for (const one of found) {
    try {
      const value = await shownValue(context, one, options);
      presented.push(present(one, value, context.sandbox.vault.decrypt(one.secret.comment)));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      refused.push(error.message);
    }
  }
  if (refused.length === 0) return presented;
  throw forbidden("Failed to expand one or more secret references", "ForbiddenError", refused);
}

async function shownValue(
  context: Context,
  { secret, place }: Pick<FoundSecret, "place"> & { secret: Pick<SecretRow, "key" | "value"> },
  options: ReadOptions,
): Promise<ShownValue> {
  if (!options.viewSecretValue) return HIDDEN;
  const value = context.sandbox.vault.decrypt(secret.value);
  if (!options.expandSecretReferences) return value;
  const here = { environment: place.environment, path: place.path, key: secret.key };
  return expandReferences(value, here, referenceReader(context, place.projectId));
}

function referenceReader(context: Context, projectId: string): ReferenceReader {
  return async (place, referencedBy) => {
    const name = JSON.stringify(place);
    const reading = context.referenced.get(name) ?? findReferenced(context, projectId, place);
    context.referenced.set(name, reading);
    const found = await reading;
    if (found === undefined) return undefined;
    if (!context.grants.can("readValue", "secrets", attributesOf(found.place, place.key, found.tags))) {
      throw forbiddenReference(place, referencedBy);
    }
    return context.sandbox.vault.decrypt(found.secret.value);
  };
}

const at = ({ environment, path }: SecretPlace): string => `in environment '${environment}' at path '${path}'`;

const forbiddenReference = (place: SecretPlace, by: SecretPlace): ApiError =>
  forbidden(
    `You do not have permission to read secret '${place.key}' ${at(place)}, which is referenced by secret '${by.key}' ${at(by)}.`,
  );

async function findReferenced(
  { sandbox }: Context,
  projectId: string,
  { environment, path, key }: SecretPlace,
): Promise<FoundSecret | undefined> {
  const place = { projectId, environment, path };
  const folder = await findFolder(sandbox.store, place);
  return folder === undefined ? undefined : findIn(sandbox, folder, place, key);
}

async function findIn(
  { store }: Sandbox,
  folder: FolderRow,
  place: FolderPlace,
  key: string,
): Promise<FoundSecret | undefined> {
  const [secret] = await secretsNamed(store, folder.id, [key]);
  if (secret === undefined) return undefined;
  return { secret, place, tags: (await tagsOf(store, [secret.id])).get(secret.id) ?? [] };
}

async function get(
  context: Context,
  place: FolderPlace,
  key: string,
  options: ReadOptions,
): Promise<Record<string, unknown>> {
  const folder = await folderToRead(context, place);
  const own = await findIn(context.sandbox, folder, place, key);
  context.grants.require("describeSecret", "secrets", attributesOf(place, key, own?.tags ?? []));
  const found = own ?? (options.includeImports ? await findImported(context, folder, place.projectId, key) : undefined);
  if (found === undefined) throw missingSecret(key);
  requireValue(context, found.place, key, found.tags, options);
  const value = await shownValue(context, found, options);
  return presentRead(found, value, context.sandbox.vault.decrypt(found.secret.comment));
}

async function folderToRead({ sandbox }: Context, place: FolderPlace): Promise<FolderRow> {
  const folder = await findFolder(sandbox.store, place);
  if (folder !== undefined) return folder;
  const { path, environment } = place;
  throw notFound(`Folder with path '${path}' in environment with slug '${environment}' not found`, "GetSecretByName");
}

const missingSecret = (key: string): ApiError => notFound(`Secret with name '${key}' not found`);

/** @throws ApiError 403 when the value is wanted and may not be read. */
function requireValue(
  { grants }: Context,
  place: FolderPlace,
  key: string,
  tags: readonly TagRow[],
  options: ReadOptions,
): void {
  if (!options.viewSecretValue || grants.can("readValue", "secrets", attributesOf(place, key, tags))) return;
  throw forbidden(
    `You do not have permission to view secret value on secret with name '${key}'`,
    "ForbiddenReadSecretError",
  );
}

async function getVersion(
  context: Context,
  place: FolderPlace,
  key: string,
  version: number,
  options: ReadOptions,
): Promise<Record<string, unknown>> {
  const folder = await folderToRead(context, place);
  context.grants.require("describeSecret", "secrets", attributesOf(place, key, []));
  const row = await queryOne<Omit<SecretRow, "updated_at">>(
    context.sandbox.store,
    `select secret_id as id, key, value, comment, version, skip_multiline_encoding, created_at
      from secret_versions where folder_id = $1 and key = $2 and version = $3 order by created_at desc limit 1`,
    [folder.id, key, version],
  );
  if (row === undefined) throw missingSecret(key);
  requireValue(context, place, key, [], options);
  const value = await shownValue(context, { secret: row, place }, options);
  const secret = { ...row, updated_at: row.created_at };
  return {
    ...presentSecret(secret, place, value, context.sandbox.vault.decrypt(row.comment)),
    secretValueHidden: value === HIDDEN,
    secretPath: place.path,
  };
}

async function presentImports(
  context: Context,
  folder: FolderRow,
  projectId: string,
  options: ReadOptions,
): Promise<unknown[]> {
  const sources = await importsInto(context.sandbox.store, folder.id);
  return Promise.all(
    sources.map(async (source) => {
      const about = { secretPath: source.path, environment: source.environment };
      if (source.folder === undefined) return { ...about, secrets: [] };
      const found = await visibleThrough(context, source, projectId, options);
      const secrets = await presentAll(context, found, options, presentImported);
      return { ...about, folderId: source.folder.id, secrets };
    }),
  );
}

/** The secrets of an imported folder and of what it imports itself; the nearer one of two with the same key wins. */
async function visibleThrough(
  context: Context,
  { folder, environment, path }: ImportSource,
  projectId: string,
  options: ReadOptions,
  passed: ReadonlySet<string> = new Set(),
): Promise<FoundSecret[]> {
  if (folder === undefined || passed.has(folder.id)) return [];
  const byKey = new Map<string, FoundSecret>();
  const keep = (found: readonly FoundSecret[]): void => {
    for (const one of found) if (!byKey.has(one.secret.key)) byKey.set(one.secret.key, one);
  };
  keep(await visibleIn(context, { projectId, environment, path }, [folder], options));
  for (const source of await importsInto(context.sandbox.store, folder.id)) {
    keep(await visibleThrough(context, source, projectId, options, new Set([...passed, folder.id])));
  }
  return [...byKey.values()];
}

const presentImported: Presenter = ({ secret, place }, value, comment) => {
  const full = presentSecret(secret, place, value, comment);
  const left = ["secretReminderNote", "secretReminderRepeatDays", "createdAt", "updatedAt"];
  return {
    ...Object.fromEntries(Object.entries(full).filter(([name]) => !left.includes(name))),
    workspace: "",
    ...NO_ROTATION,
    secretValueHidden: value === HIDDEN,
    secretMetadata: presentMetadata(secret.metadata),
  };
};

/** A secret that the folder has by import: the last import that has it wins. */
async function findImported(
  context: Context,
  folder: FolderRow,
  projectId: string,
  key: string,
): Promise<FoundSecret | undefined> {
  const options = { viewSecretValue: false, expandSecretReferences: false, includeImports: true };
  for (const source of (await importsInto(context.sandbox.store, folder.id)).toReversed()) {
    const found = await visibleThrough(context, source, projectId, options);
    const match = found.find(({ secret }) => secret.key === key);
    if (match !== undefined) return match;
  }
  return undefined;
}
