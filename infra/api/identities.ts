import { at, objectsAt, optionalString, stringAt, type Json } from "./answer";
import { isNotFound } from "./fault";
import type { Ask } from "./http";

/** A machine identity of the organization. */
export interface Identity {
  id: string;
  name: string;
  /** Role in the organization; `no-access` for applications. */
  role: string;
  /** The stack that made it; names are not unique, so this is how our own is told apart. */
  owner: string | undefined;
  /** All its metadata, the owner's mark included: a change replaces the whole list. */
  metadata: Metadata[];
}

export interface Metadata {
  key: string;
  value: string;
}

/** Metadata key under which an identity carries the stack that owns it. */
const OWNER = "pulumi-stack";

/** The identity, or nothing when it is gone. */
export async function getIdentity(ask: Ask, id: string): Promise<Identity | undefined> {
  try {
    const answer = await ask({ method: "GET", path: `/api/v1/identities/${id}` });
    return identityOf(at(answer, "identity") as Json);
  } catch (thrown) {
    if (isNotFound(thrown)) return undefined;
    throw thrown;
  }
}

/** All identities of this exact name; there may be several. A search does not give their metadata, so each is read. */
export async function findIdentities(ask: Ask, name: string): Promise<Identity[]> {
  const answer = await ask({
    method: "POST",
    path: "/api/v1/identities/search",
    body: { search: { name: { $eq: name } }, limit: 100, offset: 0 },
    repeatable: true,
  });
  const ids = objectsAt(answer, "identities").map((entry) => stringAt(entry, "identityId"));
  const found = await Promise.all(ids.map((id) => getIdentity(ask, id)));
  return found.filter((identity) => identity !== undefined);
}

export async function createIdentity(
  ask: Ask,
  organizationId: string,
  wanted: { name: string; role: string; owner: string },
): Promise<Identity> {
  const answer = await ask({
    method: "POST",
    path: "/api/v1/identities",
    body: { name: wanted.name, organizationId, role: wanted.role, metadata: marked([], wanted.owner) },
  });
  const { name, role, owner } = wanted;
  return { name, role, owner, id: stringAt(answer, "identity.id"), metadata: marked([], wanted.owner) };
}

/** Sets name, role and owner. The name is always sent: a change without it is ignored in silence. */
export async function updateIdentity(
  ask: Ask,
  current: Identity,
  wanted: { name: string; role: string; owner: string },
): Promise<void> {
  await ask({
    method: "PATCH",
    path: `/api/v1/identities/${current.id}`,
    body: { name: wanted.name, role: wanted.role, metadata: marked(current.metadata, wanted.owner) },
  });
}

/** Deletes it with its tokens; one that is gone already is fine. */
export async function deleteIdentity(ask: Ask, id: string): Promise<void> {
  try {
    await ask({ method: "DELETE", path: `/api/v1/identities/${id}` });
  } catch (thrown) {
    if (!isNotFound(thrown)) throw thrown;
  }
}

/** In lists and in single answers `id` is the membership's; the identity itself is under `identityId`. */
function identityOf(entry: Json): Identity {
  const metadata = (Array.isArray(entry.metadata) ? (entry.metadata as Json[]) : []).map((item) => ({
    key: stringAt(item, "key"),
    value: optionalString(item, "value") ?? "",
  }));
  return {
    id: stringAt(entry, "identityId"),
    name: stringAt(entry, "identity.name"),
    role: optionalString(entry, "role") ?? "",
    owner: metadata.find((item) => item.key === OWNER)?.value,
    metadata,
  };
}

function marked(metadata: Metadata[], owner: string): Metadata[] {
  return [...metadata.filter((item) => item.key !== OWNER), { key: OWNER, value: owner }];
}
