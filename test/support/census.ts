import { createHash } from "node:crypto";
import { at, objectsAt, optionalString, stringAt, type Json } from "../../infra/api/answer";
import { openSession } from "../../infra/api/administrator";
import { isFault } from "../../infra/api/fault";
import { send } from "../../infra/api/http";

/**
 * What is in a server, as its administrator sees it: names, each as often as it is there. It asks the server itself, by
 * a way that the program does not use where there is one, so that what it says can be held against the program.
 */
export interface Census {
  users: string[];
  /** `my-rag`. */
  projects: string[];
  /** `my-rag dev`. */
  environments: string[];
  /** `my-rag dev /openai-rag`. */
  folders: string[];
  /** `my-rag dev /openai-rag OPENAI_API_KEY 2bd806c9`: the last is a digest of the value. */
  secrets: string[];
  identities: string[];
  /** One entry for each client secret that logs somebody in: name of the identity. */
  clientSecrets: string[];
  /** `my-rag rag-sdk-identity`. */
  members: string[];
  /** `my-rag rag-sdk-identity stack-access`. */
  privileges: string[];
}

export const NOTHING: Census = {
  users: [],
  projects: [],
  environments: [],
  folders: [],
  secrets: [],
  identities: [],
  clientSecrets: [],
  members: [],
  privileges: [],
};

type Get = (path: string, query?: { [name: string]: string | boolean }) => Promise<unknown>;

/** Counts. A server that nobody has set up, or where these are not the administrator's words, has nothing. */
export async function takeCensus(url: string, login: { email: string; password: string }): Promise<Census> {
  const config = await send(url, { method: "GET", path: "/api/v1/admin/config" });
  if (at(config, "config.initialized") !== true) return NOTHING;
  const session = await openSession(url, login);
  if (session === undefined) throw new Error("the administrator's e-mail and password are refused");
  const get: Get = (path, query = {}) => send(url, { method: "GET", path, query, token: session.token });
  const identities = objectsAt(await get("/api/v1/identities", { orgId: session.organizationId }), "identities");
  const census: Census = {
    ...structuredClone(NOTHING),
    users: objectsAt(await get("/api/v1/admin/user-management/users"), "users").map((entry) =>
      stringAt(entry, "email"),
    ),
    identities: identities.map((entry) => stringAt(entry, "identity.name")),
  };
  for (const identity of identities) {
    const secrets = await secretsOf(get, stringAt(identity, "identityId"));
    census.clientSecrets.push(...secrets.map(() => stringAt(identity, "identity.name")));
  }
  const listed = await get("/api/v1/projects", { type: "secret-manager" });
  for (const project of objectsAt(listed, "projects")) await countProject(get, project, identities, census);
  return census;
}

async function secretsOf(get: Get, identityId: string): Promise<Json[]> {
  try {
    const path = `/api/v1/auth/universal-auth/identities/${identityId}/client-secrets`;
    return objectsAt(await get(path), "clientSecretData").filter((secret) => secret.isClientSecretRevoked !== true);
  } catch (thrown) {
    if (isFault(thrown)) return [];
    throw thrown;
  }
}

async function countProject(get: Get, project: Json, identities: Json[], census: Census): Promise<void> {
  const slug = stringAt(project, "slug");
  const projectId = stringAt(project, "id");
  census.projects.push(slug);
  for (const environment of objectsAt(project, "environments")) {
    const name = stringAt(environment, "slug");
    census.environments.push(`${slug} ${name}`);
    await countFolder(get, { projectId, environment: name }, "/", `${slug} ${name}`, census);
  }
  for (const identity of identities) {
    const identityId = stringAt(identity, "identityId");
    const label = `${slug} ${stringAt(identity, "identity.name")}`;
    const member = await get(`/api/v1/projects/${projectId}/memberships/identities/${identityId}`).catch(
      () => undefined,
    );
    if (member === undefined) continue;
    census.members.push(label);
    const query = { projectId, identityId };
    const answer = await get("/api/v2/identity-project-additional-privilege", query);
    census.privileges.push(
      ...objectsAt(answer, "privileges").map((privilege) => `${label} ${stringAt(privilege, "slug")}`),
    );
  }
}

async function countFolder(
  get: Get,
  place: { projectId: string; environment: string },
  path: string,
  label: string,
  census: Census,
): Promise<void> {
  const secrets = objectsAt(
    await get("/api/v4/secrets", { ...place, secretPath: path, viewSecretValue: true, expandSecretReferences: false }),
    "secrets",
  );
  census.secrets.push(
    ...secrets.map(
      (secret) =>
        `${label} ${path} ${optionalString(secret, "secretKey") ?? ""} ${digest(optionalString(secret, "secretValue") ?? "")}`,
    ),
  );
  for (const folder of objectsAt(await get("/api/v2/folders", { ...place, path }), "folders")) {
    const inner = `${path === "/" ? "" : path}/${stringAt(folder, "name")}`;
    census.folders.push(`${label} ${inner}`);
    await countFolder(get, place, inner, label, census);
  }
}

function digest(value: string): string {
  return createHash("sha256").update(value).digest("hex").slice(0, 8);
}

/** What one census has more and less of than another, each as often as it differs. */
export function compare(seen: Census, wanted: Census): { doubles: string[]; losses: string[] } {
  const doubles: string[] = [];
  const losses: string[] = [];
  for (const kind of Object.keys(wanted) as (keyof Census)[]) {
    doubles.push(...without(seen[kind], wanted[kind]).map((name) => `${kind}: ${name}`));
    losses.push(...without(wanted[kind], seen[kind]).map((name) => `${kind}: ${name}`));
  }
  return { doubles, losses };
}

function without(from: string[], taken: string[]): string[] {
  const rest = [...from];
  for (const name of taken) {
    const index = rest.indexOf(name);
    if (index !== -1) rest.splice(index, 1);
  }
  return rest;
}
