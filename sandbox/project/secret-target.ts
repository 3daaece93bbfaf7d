import type { Actor } from "../auth/actor.js";
import { badRequest, notFound } from "../http/api-error.js";
import { isUuid } from "../http/uuid.js";
import type { Grants } from "../permissions.js";
import type { Sandbox } from "../sandbox.js";
import { findFolder, type FolderPlace, type FolderRow } from "./folders.js";
import { authorOf, type Author } from "./history.js";
import { attributesOf } from "./secret-reading.js";
import { enterProject, type ProjectName } from "./secret-scope.js";
import type { SecretRow, TagRow } from "./secrets.js";
import { presentWritten } from "./secrets.js";

/** Where a write goes, and in whose name. */
export interface WriteTarget {
  readonly place: FolderPlace;
  readonly grants: Grants;
  readonly author: Author;
  /** @throws ApiError 404 under the name of the operation. */
  folder(errorName: string): Promise<FolderRow>;
  /** @throws ApiError 403 unless the caller may do this to a secret of that name here. */
  require(action: "create" | "edit" | "delete", key: string, tags?: readonly TagRow[]): void;
  /** A secret as the answers to writes have it, its value hidden from who may write but not read. */
  present(secret: SecretRow): Record<string, unknown>;
  /** Whether the caller may read the value of a secret of that name here. */
  mayRead(key: string): boolean;
}

export async function writeTarget(
  sandbox: Sandbox,
  actor: Actor,
  body: { project: ProjectName; environment: string; secretPath: string },
): Promise<WriteTarget> {
  const { projectId, grants } = await enterProject(sandbox, actor, body.project);
  const place = { projectId, environment: body.environment, path: body.secretPath };
  const mayRead = (key: string): boolean => grants.can("readValue", "secrets", attributesOf(place, key, []));
  return {
    place,
    grants,
    author: authorOf(actor),
    async folder(errorName) {
      const folder = await findFolder(sandbox.store, place);
      if (folder !== undefined) return folder;
      const where = `Folder with path '${place.path}' in environment with slug '${place.environment}'`;
      throw notFound(`${where} not found`, errorName);
    },
    require: (action, key, tags = []) => grants.require(action, "secrets", attributesOf(place, key, tags)),
    present: (secret) => presentWritten(sandbox.vault, secret, place, mayRead(secret.key)),
    mayRead,
  };
}

/**
 * The tags that a write names.
 * @throws ApiError 400 when one is not the project's.
 */
export async function namedTags(sandbox: Sandbox, projectId: string, ids: readonly string[]): Promise<TagRow[]> {
  if (ids.length === 0) return [];
  const wanted = [...new Set(ids)];
  const tags = await sandbox.store.query<TagRow>(
    "select id, slug, color from tags where project_id = $1 and id = any($2::uuid[])",
    [projectId, wanted.filter(isUuid)],
  );
  if (tags.length < wanted.length) throw badRequest("Tag not found");
  return tags;
}
