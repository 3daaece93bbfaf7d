import { at, isObject, objectsAt, optionalString, stringAt } from "./answer";
import { isNotFound } from "./fault";
import type { Ask } from "./http";

/** A person in a project. Changing and removing one follows Infisical's documentation; neither was recorded. */
export interface Member {
  membershipId: string;
  /** In lower case. */
  email: string;
  /** `admin`, `member`, `viewer`, `no-access`. */
  role: string;
}

/** People of the project. */
export async function listMembers(ask: Ask, projectId: string): Promise<Member[]> {
  const answer = await ask({ method: "GET", path: membersOf(projectId) });
  return objectsAt(answer, "memberships").map((entry) => {
    const roles = at(entry, "roles");
    const [first] = Array.isArray(roles) ? roles.filter(isObject) : [];
    const email = optionalString(entry, "user.email") ?? optionalString(entry, "user.username") ?? "";
    return {
      membershipId: stringAt(entry, "id"),
      email: email.toLowerCase(),
      role: optionalString(first, "role") ?? "",
    };
  });
}

/** Makes people members with one role. Those who are members stay as they are, and unknown ones are left out, in silence. */
export async function addMembers(ask: Ask, projectId: string, emails: string[], role: string): Promise<void> {
  await ask({ method: "POST", path: membersOf(projectId), body: { emails, roleSlugs: [role] }, repeatable: true });
}

export async function setMemberRole(ask: Ask, projectId: string, membershipId: string, role: string): Promise<void> {
  await ask({ method: "PATCH", path: `${membersOf(projectId)}/${membershipId}`, body: { roles: [{ role }] } });
}

/** Takes people out of the project; those who are out already are fine. */
export async function removeMembers(ask: Ask, projectId: string, emails: string[]): Promise<void> {
  try {
    await ask({ method: "DELETE", path: membersOf(projectId), body: { emails } });
  } catch (thrown) {
    if (!isNotFound(thrown)) throw thrown;
  }
}

function membersOf(projectId: string): string {
  return `/api/v1/projects/${projectId}/memberships`;
}
