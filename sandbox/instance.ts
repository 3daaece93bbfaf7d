import { queryOne, queryRow, type Queryable } from "./store/store.js";

/** The one row of `instance`: whether the server is set up, and its switches. */
export interface Instance {
  readonly instance_id: string;
  readonly initialized: boolean;
  readonly allow_sign_up: boolean;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly admin_identity_ids: readonly string[];
}

export const readInstance = (source: Queryable): Promise<Instance> =>
  queryRow<Instance>(source, "select * from instance where id = 1");

const lastSeen = new WeakMap<Queryable, Instance>();

/** The same, from memory when the store cannot be reached: health and configuration answer without a database. */
export async function readInstanceOrLast(source: Queryable): Promise<Instance> {
  try {
    const instance = await readInstance(source);
    lastSeen.set(source, instance);
    return instance;
  } catch (error) {
    const last = lastSeen.get(source);
    if (last === undefined) throw error;
    return last;
  }
}

/** Marks the instance as set up; false when it was already. Of two at once only one gets true. */
export async function claimInstance(transaction: Queryable): Promise<boolean> {
  const claimed = await queryOne(
    transaction,
    "update instance set initialized = true where id = 1 and not initialized returning id",
  );
  return claimed !== undefined;
}

const NO_DEFAULT_ORGANIZATION = {
  defaultAuthOrgSlug: null,
  defaultAuthOrgAuthEnforced: null,
  defaultAuthOrgAuthMethod: null,
};

/** The server answers with three sets of fields: to anybody, to an administrator, and to one who just changed it. */
export function configView(
  instance: Instance,
  viewer: "anybody" | "administrator" | "changer",
): Record<string, unknown> {
  const common = {
    id: "00000000-0000-0000-0000-000000000000",
    initialized: instance.initialized,
    allowSignUp: instance.allow_sign_up,
    allowedSignUpDomain: instance.settings["allowedSignUpDomain"] ?? null,
    defaultAuthOrgId: null,
    enabledLoginMethods: null,
    authConsentContent: null,
    pageFrameContent: null,
  };
  const isPublic = {
    isPublicSecretSharingDisabled: false,
    licenseServerV2Enabled: false,
    isCrossProjectSecretSharingEnabled: false,
  };
  if (viewer === "anybody") return { ...common, ...isPublic, ...NO_DEFAULT_ORGANIZATION };
  const forAdministrators = {
    instanceId: instance.instance_id,
    trustSamlEmails: false,
    trustLdapEmails: false,
    trustOidcEmails: false,
    adminIdentityIds: instance.admin_identity_ids.length === 0 ? null : instance.admin_identity_ids,
    fipsEnabled: false,
  };
  if (viewer === "changer") return { ...common, ...forAdministrators, ...NO_DEFAULT_ORGANIZATION };
  return {
    ...common,
    ...forAdministrators,
    isMigrationModeOn: false,
    isSecretScanningDisabled: true,
    kubernetesAutoFetchServiceAccountToken: false,
    paramsFolderSecretDetectionEnabled: false,
    isOfflineUsageReportsEnabled: false,
    ...isPublic,
    ...NO_DEFAULT_ORGANIZATION,
  };
}
