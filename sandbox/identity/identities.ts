import type { Sandbox } from "../sandbox.js";
import { isUuid } from "../http/uuid.js";
import { queryOne, queryRow, type Queryable } from "../store/store.js";
import { lockoutKey } from "./lockout.js";

/** A machine identity. `project_id` is set for one that lives in a single project. */
export interface IdentityRow {
  readonly id: string;
  readonly org_id: string;
  readonly project_id: string | null;
  readonly name: string;
  readonly has_delete_protection: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** With what belongs to its membership in the organization. */
export interface OrganizationIdentityRow extends IdentityRow {
  readonly membership_id: string;
  readonly role: string;
  readonly last_login_method: string | null;
  readonly last_login_time: Date | null;
  readonly membership_created_at: Date;
  readonly membership_updated_at: Date;
}

export interface Metadata {
  readonly key: string;
  readonly value: string;
}
export interface StoredMetadata extends Metadata {
  readonly id: string;
}

export async function createIdentity(
  transaction: Queryable,
  fresh: {
    readonly orgId: string;
    readonly projectId: string | null;
    readonly name: string;
    readonly hasDeleteProtection: boolean;
  },
): Promise<IdentityRow> {
  return queryRow<IdentityRow>(
    transaction,
    "insert into identities (org_id, project_id, name, has_delete_protection) values ($1, $2, $3, $4) returning *",
    [fresh.orgId, fresh.projectId, fresh.name, fresh.hasDeleteProtection],
  );
}

export async function joinOrganization(transaction: Queryable, identity: IdentityRow, role: string): Promise<void> {
  await transaction.query("insert into organization_identities (org_id, identity_id, role) values ($1, $2, $3)", [
    identity.org_id,
    identity.id,
    role,
  ]);
}

export async function findIdentity(source: Queryable, id: string): Promise<IdentityRow | undefined> {
  return isUuid(id) ? queryOne<IdentityRow>(source, "select * from identities where id = $1", [id]) : undefined;
}

/** Identities of the organization (not those of single projects), by name; `where` may use `i` and `m`. */
export function organizationIdentities(
  source: Queryable,
  where: string,
  parameters: readonly unknown[],
): Promise<OrganizationIdentityRow[]> {
  return source.query<OrganizationIdentityRow>(
    `select i.*, m.id as membership_id, m.role, m.last_login_method, m.last_login_time,
        m.created_at as membership_created_at, m.updated_at as membership_updated_at
       from identities i join organization_identities m on m.identity_id = i.id
      where ${where} order by i.name, i.created_at desc`,
    parameters,
  );
}

/** Replaces all metadata; answers the new entries with their ids. */
export async function setMetadata(
  transaction: Queryable,
  identityId: string,
  entries: readonly Metadata[],
): Promise<StoredMetadata[]> {
  await transaction.query("delete from identity_metadata where identity_id = $1", [identityId]);
  const stored: StoredMetadata[] = [];
  for (const [position, { key, value }] of entries.entries()) {
    stored.push(
      await queryRow<StoredMetadata>(
        transaction,
        `insert into identity_metadata (identity_id, key, value, position) values ($1, $2, $3, $4)
         returning id, key, value`,
        [identityId, key, value, position],
      ),
    );
  }
  return stored;
}

export const metadataOf = (source: Queryable, identityId: string): Promise<StoredMetadata[]> =>
  source.query<StoredMetadata>(
    "select id, key, value from identity_metadata where identity_id = $1 order by position",
    [identityId],
  );

/** For each of the identities the ways in which it can log in. */
export async function authMethodsOf(source: Queryable, ids: readonly string[]): Promise<Map<string, string[]>> {
  const rows = await source.query<{ identity_id: string; method: string }>(
    `select identity_id, 'universal-auth' as method from universal_auths where identity_id = any($1::uuid[])
     union all select identity_id, 'token-auth' from token_auths where identity_id = any($1::uuid[])`,
    [[...ids]],
  );
  return new Map(
    ids.map((id) => [id, rows.filter(({ identity_id }) => identity_id === id).map(({ method }) => method)]),
  );
}

/** The ways that are locked at the moment. */
export async function activeLockouts(sandbox: Sandbox, identityId: string): Promise<string[]> {
  return (await sandbox.cache.get(lockoutKey(identityId))) === undefined ? [] : ["universal-auth"];
}

/** Notes when and how an identity got a token. Identities of a single project have no such note. */
export async function noteLogin(source: Queryable, identityId: string, method: string): Promise<void> {
  await source.query(
    `update organization_identities set last_login_method = $2, last_login_time = now(), updated_at = now()
      where identity_id = $1`,
    [identityId, method],
  );
}

/** Ends every token of an identity that goes, so that a later use is told apart from a token that never was. */
export async function deleteIdentity(transaction: Queryable, identityId: string): Promise<void> {
  await transaction.query("update access_tokens set auth_method_removed = true where identity_id = $1", [identityId]);
  await transaction.query("delete from identities where id = $1", [identityId]);
}
