import type { Queryable } from "../store/store.js";
import type { Vault } from "../store/vault.js";
import type { FolderPlace } from "./folders.js";
import type { Author } from "./history.js";
import { normalPath } from "./secret-path.js";
import { withRenamedReference } from "./secret-references.js";
import { changeSecrets, type SecretChange } from "./secret-writing.js";
import type { SecretRow } from "./secrets.js";

/**
 * Lets every reference of the project to a renamed secret follow it, each a new version of the secret that refers.
 * Source: exchange 455 of the recordings, after the rename in 426.
 */
export async function followRename(
  transaction: Queryable,
  vault: Vault,
  place: FolderPlace,
  names: { from: string; to: string },
  author: Author,
): Promise<void> {
  const referring = await transaction.query<SecretRow & { environment: string; path: string }>(
    `select s.*, e.slug as environment, f.path from secrets s join folders f on f.id = s.folder_id
      join environments e on e.id = f.environment_id
      where e.project_id = $1 and e.deleted_at is null and s.has_references`,
    [place.projectId],
  );
  const target = { environment: place.environment, path: normalPath(place.path), key: names.from };
  const changes = referring.flatMap((secret): SecretChange[] => {
    const value = vault.decrypt(secret.value);
    const { environment, path, key } = secret;
    const renamed = withRenamedReference(value, { environment, path, key }, target, names.to);
    return renamed === value ? [] : [{ secret, value: renamed }];
  });
  if (changes.length > 0) await changeSecrets(transaction, vault, changes, author);
}
