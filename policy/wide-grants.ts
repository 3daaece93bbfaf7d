/** Rules of a privilege as Infisical takes them. */
interface Privilege {
  slug?: string;
  permissions?: { subject?: string; action?: string[]; conditions?: Conditions }[];
}

type Conditions = { [field: string]: { [operator: string]: unknown } };

/** The inputs of a `ProjectAccess` that matter here. */
export interface AccessInputs {
  privileges?: Privilege[];
  /** Why privileges for everything are meant; from the blueprint. */
  acknowledge?: string[];
}

/** Patterns that take in every folder of an environment. */
const EVERYTHING = ["/**", "**", "/*", "*"];

/** @returns one message for each privilege on every folder that nobody has given a reason for. */
export function wideGrants({ privileges = [], acknowledge = [] }: AccessInputs): string[] {
  if (acknowledge.some((reason) => reason.trim() !== "")) return [];
  return privileges
    .filter(({ permissions = [] }) => permissions.some(isWide))
    .map(
      ({ slug = "" }) =>
        `the privilege "${slug}" takes in every folder of an environment. Name the folders, or say in the blueprint ` +
        "why it is meant: acknowledge: ...",
    );
}

function isWide({ subject, conditions }: { subject?: string; conditions?: Conditions }): boolean {
  if (subject !== "secrets") return false;
  const path = conditions?.secretPath;
  // Without a condition on the path, every path is meant.
  if (path === undefined || Object.keys(path).length === 0) return true;
  return Object.values(path)
    .flat()
    .some((pattern) => EVERYTHING.includes(String(pattern)));
}
