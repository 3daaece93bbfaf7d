import type { Queryable } from "../store/store.js";
import type { Vault } from "../store/vault.js";
import type { FolderRow } from "./folders.js";
import { noteCommit, type Author } from "./history.js";
import { hasReferences } from "./secret-references.js";
import { trimmedValue } from "./secret-value.js";
import type { SecretRow } from "./secrets.js";

/** A secret to be made, in clear. */
export interface NewSecret {
  readonly key: string;
  readonly value: string;
  readonly comment: string;
  readonly skipMultilineEncoding: boolean;
  readonly metadata: SecretRow["metadata"];
  readonly tagIds: readonly string[];
}

/** What shall be different; undefined stays as it is. Each change counts as a new version, even an empty one. */
export interface SecretChange {
  readonly secret: SecretRow;
  readonly newKey?: string | undefined;
  readonly value?: string | undefined;
  readonly comment?: string | undefined;
  readonly skipMultilineEncoding?: boolean | undefined;
  readonly metadata?: SecretRow["metadata"] | undefined;
  readonly tagIds?: readonly string[] | undefined;
}

/**
 * Makes secrets in one statement however many they are; the caller has checked that the keys are free and each is there once.
 * Run it in a transaction.
 */
export async function insertSecrets(
  transaction: Queryable,
  vault: Vault,
  folder: FolderRow,
  wanted: readonly NewSecret[],
  author: Author,
): Promise<SecretRow[]> {
  const rows = wanted.map(({ key, value, comment, skipMultilineEncoding, metadata }) => ({
    key,
    ...sealedValue(vault, value),
    comment: vault.encrypt(comment),
    skip: skipMultilineEncoding,
    metadata,
  }));
  const secrets = await transaction.query<SecretRow>(
    `insert into secrets (folder_id, key, value, has_references, comment, skip_multiline_encoding, metadata)
      select $1, x.key, x.value, x.has_references, x.comment, x.skip, x.metadata from jsonb_to_recordset($2::jsonb)
        as x(key text, value text, has_references boolean, comment text, skip boolean, metadata jsonb) returning *`,
    [folder.id, JSON.stringify(rows)],
  );
  const tags = new Map(wanted.map(({ key, tagIds }) => [key, tagIds]));
  await linkTags(
    transaction,
    secrets.map(({ id, key }) => ({ secretId: id, tagIds: tags.get(key) ?? [] })),
  );
  await keepVersions(transaction, secrets, author);
  await touchFolders(transaction, [folder.id]);
  await noteCommit(transaction, folder, author, secrets.length === 1 ? "Secret Created" : "Secrets Created");
  return secrets;
}

function sealedValue(vault: Vault, value: string): { value: string; has_references: boolean } {
  const trimmed = trimmedValue(value);
  return { value: vault.encrypt(trimmed), has_references: hasReferences(trimmed) };
}

async function linkTags(
  transaction: Queryable,
  links: readonly { secretId: string; tagIds: readonly string[] }[],
): Promise<void> {
  const rows = links.flatMap(({ secretId, tagIds }) => tagIds.map((tagId) => ({ secret: secretId, tag: tagId })));
  if (rows.length === 0) return;
  await transaction.query(
    `insert into secret_tags (secret_id, tag_id) select x.secret, x.tag
      from jsonb_to_recordset($1::jsonb) as x(secret uuid, tag uuid) on conflict do nothing`,
    [JSON.stringify(rows)],
  );
}

/** The real server notes the time about three seconds later. */
async function touchFolders(transaction: Queryable, folderIds: readonly string[]): Promise<void> {
  await transaction.query("update folders set last_secret_modified = now() where id = any($1::uuid[])", [folderIds]);
}

async function keepVersions(transaction: Queryable, secrets: readonly SecretRow[], author: Author): Promise<void> {
  await transaction.query(
    `insert into secret_versions (secret_id, folder_id, key, value, comment, version, skip_multiline_encoding,
        actor_kind, actor_id, actor_name)
      select id, folder_id, key, value, comment, version, skip_multiline_encoding, $2, $3, $4
        from secrets where id = any($1::uuid[])`,
    [secrets.map(({ id }) => id), author.kind, author.id, author.name],
  );
}

/** Changes secrets in one statement however many they are. Run it in a transaction. */
export async function changeSecrets(
  transaction: Queryable,
  vault: Vault,
  changes: readonly SecretChange[],
  author: Author,
): Promise<SecretRow[]> {
  const rows = changes.map(({ secret, newKey, value, comment, skipMultilineEncoding, metadata }) => ({
    id: secret.id,
    key: newKey ?? null,
    ...(value === undefined ? {} : sealedValue(vault, value)),
    comment: comment === undefined ? null : vault.encrypt(comment),
    skip: skipMultilineEncoding ?? null,
    metadata: metadata ?? null,
  }));
  const secrets = await transaction.query<SecretRow>(
    `update secrets s set key = coalesce(x.key, s.key), value = coalesce(x.value, s.value),
        has_references = coalesce(x.has_references, s.has_references), comment = coalesce(x.comment, s.comment),
        skip_multiline_encoding = coalesce(x.skip, s.skip_multiline_encoding),
        metadata = coalesce(nullif(x.metadata, 'null'), s.metadata), version = s.version + 1, updated_at = now()
      from jsonb_to_recordset($1::jsonb) as x(id uuid, key text, value text, has_references boolean, comment text,
        skip boolean, metadata jsonb) where s.id = x.id returning s.*`,
    [JSON.stringify(rows)],
  );
  const retagged = changes.flatMap(({ secret, tagIds }) =>
    tagIds === undefined ? [] : [{ secretId: secret.id, tagIds }],
  );
  if (retagged.length > 0) {
    await transaction.query("delete from secret_tags where secret_id = any($1::uuid[])", [
      retagged.map(({ secretId }) => secretId),
    ]);
    await linkTags(transaction, retagged);
  }
  await keepVersions(transaction, secrets, author);
  await touchFolders(transaction, [...new Set(secrets.map(({ folder_id: id }) => id))]);
  return secrets;
}

/** Deletes secrets with their versions. Run it in a transaction. */
export async function removeSecrets(
  transaction: Queryable,
  folder: FolderRow,
  secrets: readonly SecretRow[],
  author: Author,
): Promise<void> {
  await transaction.query("delete from secrets where id = any($1::uuid[])", [secrets.map(({ id }) => id)]);
  await touchFolders(transaction, [folder.id]);
  await noteCommit(transaction, folder, author, secrets.length === 1 ? "Secret Deleted" : "Secrets Deleted");
}
