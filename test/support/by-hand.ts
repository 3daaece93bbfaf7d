import { objectsAt, stringAt } from "../../infra/api/answer";
import { openSession } from "../../infra/api/administrator";
import type { Ask } from "../../infra/api/http";
import { askWith } from "../../infra/api/session";

/** Changes made on a server behind the program's back, as a person at its web page makes them. */
export interface ByHand {
  ask: Ask;
  organizationId: string;
  projectId: string;
  /** The application's. */
  identityId: string;
  /** The one that the program works as. */
  automationId: string;
  folderId: string;
  environmentId: (slug: string) => string;
  /** Ids of the live client secrets of an identity. */
  clientSecrets: (identityId: string) => Promise<string[]>;
  /** Ids of the application's privileges in the project. */
  privileges: () => Promise<string[]>;
}

const FOLDER = { environment: "dev", path: "/" };

/** Logs in as the administrator and looks up what the blueprint `my-rag` made. */
export async function byHand(url: string, login: { email: string; password: string }): Promise<ByHand> {
  const session = await openSession(url, login);
  if (session === undefined) throw new Error("the administrator's e-mail and password are refused");
  const ask = askWith(url, session);
  const get = (path: string, query: { [name: string]: string } = {}): Promise<unknown> =>
    ask({ method: "GET", path, query });
  const project = await get("/api/v1/projects/slug/my-rag");
  const projectId = stringAt(project, "id");
  const identities = objectsAt(await get("/api/v1/identities", { orgId: session.organizationId }), "identities");
  const identityNamed = (name: string): string =>
    stringAt(
      identities.find((entry) => stringAt(entry, "identity.name") === name),
      "identityId",
    );
  const identityId = identityNamed("rag-sdk-identity");
  const folders = objectsAt(await get("/api/v2/folders", { projectId, ...FOLDER }), "folders");
  const environments = objectsAt(project, "environments");
  return {
    ask,
    organizationId: session.organizationId,
    projectId,
    identityId,
    automationId: identityNamed("pulumi-automation"),
    folderId: stringAt(folders[0], "id"),
    environmentId: (slug) =>
      stringAt(
        environments.find((one) => stringAt(one, "slug") === slug),
        "id",
      ),
    async clientSecrets(identity) {
      const path = `/api/v1/auth/universal-auth/identities/${identity}/client-secrets`;
      return objectsAt(await get(path), "clientSecretData").map((secret) => stringAt(secret, "id"));
    },
    async privileges() {
      const answer = await get("/api/v2/identity-project-additional-privilege", { projectId, identityId });
      return objectsAt(answer, "privileges").map((privilege) => stringAt(privilege, "id"));
    },
  };
}
