import type { Queryable } from "../store/store.js";
import type { Vault } from "../store/vault.js";
import type { FolderPlace } from "./folders.js";
import { HIDDEN_VALUE } from "./secret-value.js";

/** A row of `secrets`; value and comment are encrypted. */
export interface SecretRow {
  readonly id: string;
  readonly folder_id: string;
  readonly key: string;
  readonly value: string;
  readonly comment: string;
  readonly has_references: boolean;
  readonly version: number;
  readonly skip_multiline_encoding: boolean;
  readonly metadata: readonly { readonly key: string; readonly value: string }[];
  readonly created_at: Date;
  readonly updated_at: Date;
}

export interface TagRow {
  readonly id: string;
  readonly slug: string;
  readonly color: string | null;
}

/** The secrets of folders by key, in the order of their bytes. */
export function secretsIn(source: Queryable, folderIds: readonly string[]): Promise<SecretRow[]> {
  return source.query<SecretRow>(
    `select * from secrets where folder_id = any($1::uuid[]) order by key collate "C", created_at`,
    [folderIds],
  );
}

/** Those of a folder that have one of the keys. */
export function secretsNamed(source: Queryable, folderId: string, keys: readonly string[]): Promise<SecretRow[]> {
  return source.query<SecretRow>("select * from secrets where folder_id = $1 and key = any($2::text[])", [
    folderId,
    keys,
  ]);
}

/** Tags by secret. */
export async function tagsOf(source: Queryable, secretIds: readonly string[]): Promise<Map<string, TagRow[]>> {
  const rows = await source.query<TagRow & { secret_id: string }>(
    `select st.secret_id, t.id, t.slug, t.color from secret_tags st join tags t on t.id = st.tag_id
      where st.secret_id = any($1::uuid[]) order by t.slug`,
    [secretIds],
  );
  const bySecret = new Map<string, TagRow[]>();
  for (const { secret_id: id, ...tag } of rows) bySecret.set(id, [...(bySecret.get(id) ?? []), tag]);
  return bySecret;
}

/** What of a secret's value goes into an answer: the text, or that it stays hidden. */
export type ShownValue = string | typeof HIDDEN;
export const HIDDEN = Symbol("hidden");

/** The fields that every answer about a secret has. */
export function presentSecret(
  secret: Pick<SecretRow, "id" | "key" | "version" | "skip_multiline_encoding" | "created_at" | "updated_at">,
  place: FolderPlace,
  value: ShownValue,
  comment: string,
): Record<string, unknown> {
  return {
    id: secret.id,
    _id: secret.id,
    workspace: place.projectId,
    environment: place.environment,
    version: secret.version,
    type: "shared",
    secretKey: secret.key,
    secretValue: value === HIDDEN ? HIDDEN_VALUE : value,
    secretComment: comment,
    secretReminderNote: null,
    secretReminderRepeatDays: null,
    skipMultilineEncoding: secret.skip_multiline_encoding,
    createdAt: secret.created_at,
    updatedAt: secret.updated_at,
  };
}

/** Rotation needs a licence: these are the same for every secret, in the answers that have them. */
export const NO_ROTATION = { isRotatedSecret: false, rotationId: null };

export const presentTags = (tags: readonly TagRow[]): unknown[] =>
  tags.map(({ id, slug, color }) => ({ id, slug, color, name: slug }));

export const presentMetadata = (metadata: SecretRow["metadata"]): unknown[] =>
  metadata.map(({ key, value }) => ({ key, value, isEncrypted: false }));

/** A secret as the answers to writes have it. */
export function presentWritten(
  vault: Vault,
  secret: SecretRow,
  place: FolderPlace,
  mayReadValue: boolean,
): Record<string, unknown> {
  const value = mayReadValue ? vault.decrypt(secret.value) : HIDDEN;
  return presentSecret(secret, place, value, vault.decrypt(secret.comment));
}
