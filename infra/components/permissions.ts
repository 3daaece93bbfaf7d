import type { GrantPlan } from "../blueprint/schema";

/** What an action of a blueprint is on the server. Reading needs both: one alone is refused. */
const ACTIONS = { read: ["describeSecret", "readValue"] } as const;

/** One rule of a privilege, in the server's form. */
export interface PermissionRule {
  subject: string;
  action: string[];
  conditions: { [field: string]: { [operator: string]: string } };
}

/** The rule that a grant stands for: these actions on secrets in this folder of this environment, and nothing else. */
export function permissionsOf(grant: GrantPlan): PermissionRule {
  return {
    subject: "secrets",
    action: grant.actions.flatMap((action) => [...ACTIONS[action]]),
    conditions: { environment: { $eq: grant.environment }, secretPath: { $eq: grant.path } },
  };
}
