import { at, objectsAt, stringAt, type Json } from "../../infra/api/answer";
import { closeSession, openSession } from "../../infra/api/administrator";
import { isNotFound } from "../../infra/api/fault";
import type { Ask } from "../../infra/api/http";
import { askWith } from "../../infra/api/session";

/** What the server itself says, asked as its human administrator: independent of the stack's state and credentials. */
export interface ServerView {
  ask: Ask;
  organizationId: string;
  close: () => Promise<void>;
}

/** Logs in as the administrator that the stack's outputs name. */
export async function viewAsAdministrator(outputs: { [name: string]: unknown }): Promise<ServerView> {
  const url = String(outputs.url);
  const login = { email: String(outputs.adminEmail), password: String(outputs.adminPassword) };
  const session = await openSession(url, login);
  if (session === undefined) throw new Error(`${url} refuses the administrator's password`);
  return {
    ask: askWith(url, session),
    organizationId: session.organizationId,
    close: () => closeSession(url, session),
  };
}

/** Looks once as the administrator. */
export async function asAdministrator<T>(
  outputs: { [name: string]: unknown },
  look: (view: ServerView) => Promise<T>,
): Promise<T> {
  const view = await viewAsAdministrator(outputs);
  try {
    return await look(view);
  } finally {
    await view.close();
  }
}

/** Names and values of the secrets in a folder. */
export async function secretsIn(
  { ask }: ServerView,
  place: { projectId: string; environment: string; secretPath: string },
): Promise<{ [name: string]: string }> {
  const query = { ...place, viewSecretValue: true, expandSecretReferences: false };
  const answer = await ask({ method: "GET", path: "/api/v4/secrets", query });
  const entries = objectsAt(answer, "secrets");
  return Object.fromEntries(entries.map((one) => [stringAt(one, "secretKey"), stringAt(one, "secretValue")]));
}

/** Names of the folders directly below a path. */
export async function foldersIn(
  { ask }: ServerView,
  place: { projectId: string; environment: string; path: string },
): Promise<string[]> {
  const answer = await ask({ method: "GET", path: "/api/v2/folders", query: place });
  return objectsAt(answer, "folders").map((folder) => stringAt(folder, "name"));
}

/** The project of a slug with its environments in their order; nothing when there is none. */
export async function projectOf(
  { ask }: ServerView,
  slug: string,
): Promise<{ id: string; environments: { [slug: string]: string } } | undefined> {
  try {
    const found = await ask({ method: "GET", path: `/api/v1/projects/slug/${slug}` });
    const environments = objectsAt(found, "environments").map((one) => [stringAt(one, "slug"), stringAt(one, "name")]);
    return { id: stringAt(found, "id"), environments: Object.fromEntries(environments) };
  } catch (thrown) {
    if (isNotFound(thrown)) return undefined;
    throw thrown;
  }
}

/** Ids of the organization's machine identities with this name. */
export async function identitiesNamed({ ask, organizationId }: ServerView, name: string): Promise<string[]> {
  const answer = await ask({ method: "GET", path: "/api/v1/identities", query: { orgId: organizationId } });
  return objectsAt(answer, "identities")
    .filter((one) => at(one, "identity.name") === name)
    .map((one) => stringAt(one, "identityId"));
}

/** Universal Auth of an identity: lifetimes in seconds. */
export async function universalAuthOf({ ask }: ServerView, identityId: string): Promise<Json> {
  const answer = await ask({ method: "GET", path: `/api/v1/auth/universal-auth/identities/${identityId}` });
  return at(answer, "identityUniversalAuth") as Json;
}

/** Client secrets of an identity that are not revoked. */
export async function clientSecretsOf({ ask }: ServerView, identityId: string): Promise<Json[]> {
  const path = `/api/v1/auth/universal-auth/identities/${identityId}/client-secrets`;
  const entries = objectsAt(await ask({ method: "GET", path }), "clientSecretData");
  return entries.filter((one) => one.isClientSecretRevoked !== true);
}

/** What an identity may do in a project: roles, and the rules of its additional privileges. */
export async function accessOf(
  { ask }: ServerView,
  identityId: string,
  projectId: string,
): Promise<{ roles: string[]; rules: unknown[] }> {
  const member = await ask({
    method: "GET",
    path: `/api/v1/projects/${projectId}/memberships/identities/${identityId}`,
  });
  const listed = await ask({
    method: "GET",
    path: "/api/v2/identity-project-additional-privilege",
    query: { identityId, projectId },
  });
  const ids = objectsAt(listed, "privileges").map((one) => stringAt(one, "id"));
  const privileges = await Promise.all(
    ids.map((id) => ask({ method: "GET", path: `/api/v2/identity-project-additional-privilege/${id}` })),
  );
  return {
    roles: objectsAt(member, "identityMembership.roles").map((one) => stringAt(one, "role")),
    rules: privileges.flatMap((one) => at(one, "privilege.permissions") as unknown[]),
  };
}
