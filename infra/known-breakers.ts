import { isBefore } from "./image-tag";

/** A release that changed something which a stack like this one stands on. */
export interface Breaker {
  /** First version that has it. */
  since: string;
  what: string;
  remedy: string;
}

/**
 * Known so far. Versions and effects are from upstream's release notes, issues and API descriptions; what is not known for
 * sure says so. A rehearsal (`npm run upgrade`) is what tells.
 */
export const KNOWN_BREAKERS: readonly Breaker[] = [
  {
    since: "v0.159.24",
    what: "a token from POST /api/v1/admin/bootstrap is refused; later releases let it live 90 days",
    remedy: "this program signs up and keeps no such token; automation of your own needs a machine identity",
  },
  {
    since: "v0.160.0",
    what: "access tokens are of another kind: at most 90 days, and they end with their client secret",
    remedy: "a rotation with --now cuts applications off at once; without it they have the grace",
  },
  {
    since: "v0.160.8",
    what: "a deleted environment keeps its slug for 14 days",
    remedy: "do not take an environment out of the blueprint and back in",
  },
  {
    since: "v0.161.8",
    what: "two secrets of one name in one folder are refused; older releases could come to have them",
    remedy: "the migration may stop on data that has them; the rehearsal shows it",
  },
  {
    since: "v0.159.25",
    what: "later releases may refuse additional privileges to a free server (not seen, announced in their licence checks)",
    remedy: "projects that exist keep theirs; `npm run verify` shows it",
  },
];

/** For a person. */
export function told({ since, what, remedy }: Breaker): string {
  return `since ${since}, ${what}; ${remedy}`;
}

/** What is known to change on the way from one version to another. Tags that are no versions have nothing known. */
export function breakersBetween(from: string, to: string): Breaker[] {
  return KNOWN_BREAKERS.filter(({ since }) => isBefore(from, since) && !isBefore(to, since));
}
