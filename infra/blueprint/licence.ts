/** What people may look for and a server without a licence refuses (or, with audit logs, does not keep). */
const LICENCE_BOUND: { [key: string]: string } = {
  groups: "groups of people need a licence. List people under members",
  audit: "audit logs are kept by licensed servers only. Webhooks tell of changes",
  auditLogs: "audit logs are kept by licensed servers only. Webhooks tell of changes",
  roles: "custom roles need a licence. Grants of identities need none",
  customRoles: "custom roles need a licence. Grants of identities need none",
  approvals: "approvals need a licence. Review changes of the blueprint instead",
  dynamicSecrets: "dynamic secrets need a licence",
  secretRotations: "rotation by the server needs a licence. `generated` with another generation is the way here",
};

/** Why a key of a blueprint is not taken, when a licence is the reason. */
export function licenceBound(key: string): string | undefined {
  const reason = LICENCE_BOUND[key];
  return reason === undefined ? undefined : `${key} is not supported: ${reason}`;
}
