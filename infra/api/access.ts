import { at, isObject, objectsAt, optionalString, stringAt, type Json } from "./answer";
import { isNotFound, isStatus } from "./fault";
import type { Ask } from "./http";

/** One rule of a privilege, as the server takes it. */
export interface Permission {
  subject: string;
  action: string[];
  conditions: { readonly [field: string]: { readonly [operator: string]: string | string[] } };
}

/** An additional privilege of one identity in one project; it needs no licence, unlike custom roles. */
export interface Privilege {
  id: string;
  slug: string;
  permissions: Permission[];
  /** ISO time from which it no longer holds; nothing = it stays. */
  endsAt?: string;
}

interface Member {
  projectId: string;
  identityId: string;
}

const PRIVILEGES = "/api/v2/identity-project-additional-privilege";

/** The roles of an identity in a project, or nothing when it is no member. */
export async function getMemberRoles(ask: Ask, member: Member): Promise<string[] | undefined> {
  try {
    const answer = await ask({ method: "GET", path: membership(member) });
    return objectsAt(answer, "identityMembership.roles").map((role) => stringAt(role, "role"));
  } catch (thrown) {
    if (isNotFound(thrown)) return undefined;
    throw thrown;
  }
}

/** Makes an identity a member. @throws status 400 when it is one. */
export async function addMember(ask: Ask, member: Member, role: string): Promise<void> {
  await ask({ method: "POST", path: membership(member), body: { role } });
}

export async function setMemberRole(ask: Ask, member: Member, role: string): Promise<void> {
  await ask({ method: "PATCH", path: membership(member), body: { roles: [{ role }] } });
}

/** Ends a membership, and with it its privileges; one that is gone already is fine (400 here, not 404). */
export async function removeMember(ask: Ask, member: Member): Promise<void> {
  try {
    await ask({ method: "DELETE", path: membership(member) });
  } catch (thrown) {
    if (!isNotFound(thrown) && !isStatus(thrown, 400)) throw thrown;
  }
}

/** All privileges of a member, with their rules; none when it is no member (400). */
export async function listPrivileges(ask: Ask, member: Member): Promise<Privilege[]> {
  let entries: Json[];
  try {
    entries = objectsAt(await ask({ method: "GET", path: PRIVILEGES, query: memberIn(member) }), "privileges");
  } catch (thrown) {
    if (isStatus(thrown, 400) || isNotFound(thrown)) return [];
    throw thrown;
  }
  // A list does not give the rules.
  const ids = entries.map((entry) => stringAt(entry, "id"));
  return Promise.all(
    ids.map(async (id) => privilegeOf(at(await ask({ method: "GET", path: `${PRIVILEGES}/${id}` }), "privilege"))),
  );
}

/** Grants. @throws status 400 when the slug is taken. */
export async function createPrivilege(ask: Ask, member: Member, wanted: Omit<Privilege, "id">): Promise<Privilege> {
  const body = { ...memberIn(member), slug: wanted.slug, permissions: wanted.permissions, type: typeOf(wanted) };
  const answer = await ask({ method: "POST", path: PRIVILEGES, body });
  return { ...wanted, id: stringAt(answer, "privilege.id") };
}

/** Sets slug, rules and type: the server wants all three at once. */
export async function updatePrivilege(ask: Ask, wanted: Privilege): Promise<void> {
  const body = { slug: wanted.slug, permissions: wanted.permissions, type: typeOf(wanted) };
  await ask({ method: "PATCH", path: `${PRIVILEGES}/${wanted.id}`, body });
}

/** Takes a privilege back; one that is gone already is fine. */
export async function deletePrivilege(ask: Ask, id: string): Promise<void> {
  try {
    await ask({ method: "DELETE", path: `${PRIVILEGES}/${id}` });
  } catch (thrown) {
    if (!isNotFound(thrown)) throw thrown;
  }
}

/** Only these two: whoever calls may hand over an object that holds more, secrets included. */
function memberIn({ projectId, identityId }: Member): { projectId: string; identityId: string } {
  return { projectId, identityId };
}

function membership(member: Member): string {
  return `/api/v1/projects/${member.projectId}/memberships/identities/${member.identityId}`;
}

/** A grant with an end is told to the server as a range from now on. */
function typeOf(wanted: { endsAt?: string }): Json {
  if (wanted.endsAt === undefined) return { isTemporary: false };
  const now = Date.now();
  const seconds = Math.max(1, Math.round((Date.parse(wanted.endsAt) - now) / 1_000));
  return {
    isTemporary: true,
    temporaryMode: "relative",
    temporaryRange: `${seconds}s`,
    temporaryAccessStartTime: new Date(now).toISOString(),
  };
}

function privilegeOf(entry: unknown): Privilege {
  const ends = at(entry, "isTemporary") === true ? optionalString(entry, "temporaryAccessEndTime") : undefined;
  return {
    id: stringAt(entry, "id"),
    slug: stringAt(entry, "slug"),
    permissions: objectsAt(entry, "permissions").map(permissionOf),
    ...(ends === undefined ? {} : { endsAt: ends }),
  };
}

/** The server gives conditions in another order and adds `inverted: false`; an inverted rule is kept as what it is. */
function permissionOf(entry: Json): Permission {
  const actions = Array.isArray(entry.action) ? entry.action.map(String) : [String(entry.action)];
  const subject = Array.isArray(entry.subject) ? entry.subject.map(String).join(",") : String(entry.subject);
  return {
    subject: entry.inverted === true ? `not ${subject}` : subject,
    action: actions,
    conditions: isObject(entry.conditions) ? (entry.conditions as Permission["conditions"]) : {},
  };
}
