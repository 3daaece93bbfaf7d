import { randomInt } from "node:crypto";
import { queryOne, queryRow, type Queryable } from "../store/store.js";

export interface OrganizationRow {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** An organization with its first member, as administrator. The slug gets a random end: it cannot be foretold. */
export async function createOrganization(
  transaction: Queryable,
  name: string,
  administratorId: string,
): Promise<OrganizationRow> {
  const organization = await queryRow<OrganizationRow>(
    transaction,
    "insert into organizations (name, slug) values ($1, $2) returning *",
    [name, slugOf(name)],
  );
  await transaction.query("insert into organization_members (org_id, user_id, role) values ($1, $2, 'admin')", [
    organization.id,
    administratorId,
  ]);
  return organization;
}

export const findOrganization = (source: Queryable, id: string): Promise<OrganizationRow | undefined> =>
  queryOne<OrganizationRow>(source, "select * from organizations where id = $1", [id]);

/** The organization as the API shows it; what this sandbox does not have is told with the server's defaults. */
export function organizationView(row: OrganizationRow): Record<string, unknown> {
  return {
    id: row.id,
    name: row.name,
    customerId: null,
    slug: row.slug,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    authEnforced: false,
    googleSsoAuthEnforced: false,
    scimEnabled: false,
    kmsDefaultKeyId: null,
    defaultMembershipRole: "member",
    enforceMfa: false,
    selectedMfaMethod: null,
    allowSecretSharingOutsideOrganization: true,
    shouldUseNewPrivilegeSystem: true,
    privilegeUpgradeInitiatedByUsername: null,
    privilegeUpgradeInitiatedAt: null,
    bypassOrgAuthEnabled: false,
    userTokenExpiration: null,
    secretsProductEnabled: true,
    pkiProductEnabled: true,
    kmsProductEnabled: true,
    sshProductEnabled: true,
    scannerProductEnabled: true,
    shareSecretsProductEnabled: true,
    maxSharedSecretLifetime: 2592000,
    maxSharedSecretViewLimit: null,
    blockDuplicateSecretSyncDestinations: false,
    allowCrossProjectSecretSharing: false,
    rootOrgId: null,
    parentOrgId: null,
    secretShareBrandConfig: null,
  };
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

function slugOf(name: string): string {
  const base = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  const end = Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
  return base === "" ? end : `${base}-${end}`;
}
