import type { GrantPlan } from "../blueprint/schema";

/** What an action of a blueprint is on the server. Reading needs both of its own: one alone is refused. */
const ACTIONS = { read: ["describeSecret", "readValue"], write: ["create", "edit", "delete"] } as const;

/** One rule of a privilege, in the server's form. */
export interface PermissionRule {
  subject: string;
  action: string[];
  conditions: { [field: string]: { [operator: string]: string } };
}

/** A privilege as a project takes it. */
export interface PrivilegePlan {
  slug: string;
  permissions: PermissionRule[];
  /** ISO time at which it ends by itself. */
  endsAt?: string;
}

/**
 * The privileges that the grants of one identity in one project make: one for all that stay, and one for each end.
 * The end is in the name, so that another end is another privilege.
 */
export function privilegesOf(grants: GrantPlan[]): PrivilegePlan[] {
  const ends = [...new Set(grants.map(({ until }) => until))];
  return ends.map((until) => {
    const permissions = grants.filter((grant) => grant.until === until).map(permissionsOf);
    if (until === undefined) return { slug: "stack-access", permissions };
    const stamp = new Date(until).toISOString().replace(/[^0-9]/g, "");
    return { slug: `stack-access-until-${stamp}`, permissions, endsAt: until };
  });
}

/** The rule that a grant stands for: these actions on secrets in this folder of this environment, and nothing else. */
export function permissionsOf(grant: GrantPlan): PermissionRule {
  const operator = grant.path.endsWith("/**") ? "$glob" : "$eq";
  return {
    subject: "secrets",
    action: grant.actions.flatMap((action) => [...ACTIONS[action]]),
    conditions: { environment: { $eq: grant.environment }, secretPath: { [operator]: grant.path } },
  };
}
