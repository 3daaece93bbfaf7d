import type { Actor } from "../auth/actor.js";
import type { Queryable } from "../store/store.js";

/** Who made a change, as it is kept beside the change. */
export interface Author {
  readonly kind: "user" | "identity";
  readonly id: string;
  readonly name: string;
}

export const authorOf = (actor: Actor): Author => ({
  kind: actor.kind,
  id: actor.id,
  name: actor.kind === "user" ? actor.email : actor.name,
});

/** Notes a change in a folder: one commit and one snapshot. Recorded words: "Folder created", "Secret Created". */
export async function noteCommit(
  transaction: Queryable,
  folder: { readonly id: string; readonly environment_id: string },
  author: Author,
  message: string,
): Promise<void> {
  await transaction.query(
    `insert into folder_commits (folder_id, environment_id, message, actor_kind, actor_id, actor_name)
      values ($1, $2, $3, $4, $5, $6)`,
    [folder.id, folder.environment_id, message, author.kind, author.id, author.name],
  );
}
