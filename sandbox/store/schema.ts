import { identitySchema } from "./identity-schema.js";
import { projectSchema } from "./project-schema.js";
import type { Store } from "./store.js";

/**
 * Migrations in order; each runs once. Before the first release, edit step 1 in its files; afterwards only append.
 */
const migrations: readonly (readonly string[])[] = [[...identitySchema, ...projectSchema]];

/**
 * Brings the store's tables to the newest version.
 * @throws when the data was written by a newer sandbox.
 */
export async function migrate(store: Store): Promise<void> {
  await store.transaction(async (transaction) => {
    await transaction.query("create table if not exists schema_version (version int not null)");
    // Two servers that start on one Postgres must not migrate at once.
    await transaction.query("lock table schema_version in access exclusive mode");
    const [row] = await transaction.query<{ version: number }>("select max(version) as version from schema_version");
    const current = row?.version ?? 0;
    if (current > migrations.length) {
      throw new Error(
        `the data has schema version ${current}, this sandbox knows ${migrations.length}: use a newer one`,
      );
    }
    for (const [index, statements] of migrations.entries()) {
      if (index < current) continue;
      for (const statement of statements) await transaction.query(statement);
      await transaction.query("insert into schema_version (version) values ($1)", [index + 1]);
    }
  });
}
