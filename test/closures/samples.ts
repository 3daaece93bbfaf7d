import { tmpdir } from "node:os";
import * as pulumi from "@pulumi/pulumi";
import { Administrator } from "../../infra/resources/administrator";
import { ClientSecret } from "../../infra/resources/client-secret";
import { Folder } from "../../infra/resources/folder";
import { Identity } from "../../infra/resources/identity";
import { Project } from "../../infra/resources/project";
import { ProjectAccess } from "../../infra/resources/project-access";
import { ProjectMembers } from "../../infra/resources/project-members";
import { ProjectTags } from "../../infra/resources/project-tags";
import { SandboxServer } from "../../infra/resources/sandbox-server";
import { SecretImports } from "../../infra/resources/secret-imports";
import { Secrets } from "../../infra/resources/secrets";
import { DEFAULT_UNIVERSAL_AUTH } from "../../infra/resources/universal-auth-defaults";
import { Webhook } from "../../infra/resources/webhook";

/** Stands in every secret input; no serialised provider may hold it. */
export const SECRET = "s3cret-in-closure";

/** A resource of each kind, and what its provider does with it. */
export interface Sample {
  make: () => pulumi.CustomResource;
  /** What the state holds besides the inputs. */
  outputs?: { [name: string]: unknown };
  /** Whether it talks to Infisical. @default true */
  callsOut?: boolean;
  /** Whether it deletes something there. @default true */
  deletes?: boolean;
}

/** By name of the class; `url` is that of a server which refuses everything. */
export function samples(url: string): { [kind: string]: Sample } {
  const secret = pulumi.secret(SECRET);
  const connection = { url, clientId: "client", clientSecret: secret };
  const inProject = { connection, projectId: "project" };
  const inFolder = { ...inProject, environment: "dev", path: "/folder" };
  const owner = "infisical/dev";
  const login = { email: "admin@example.com", password: secret };
  const keys = { encryptionKey: secret, authSecret: secret };
  return {
    Administrator: {
      make: () => new Administrator("x", { url, login, organization: "Acme", owner }),
      outputs: { clientId: "client", clientSecret: SECRET },
      deletes: false,
    },
    ClientSecret: {
      make: () => new ClientSecret("x", { connection, identityId: "identity", grace: 0, owner }),
      outputs: { clientSecret: SECRET, clientSecretId: "1", createdAt: "", retiring: [] },
    },
    Folder: { make: () => new Folder("x", inFolder) },
    Identity: {
      make: () =>
        new Identity("x", {
          connection,
          organizationId: "organization",
          name: "app",
          owner,
          universalAuth: DEFAULT_UNIVERSAL_AUTH,
          deletion: "delete",
        }),
    },
    Project: {
      make: () =>
        new Project("x", {
          connection,
          slug: "my-rag",
          name: "my-rag",
          description: "",
          environments: [],
          admins: [],
          deletion: "delete",
        }),
    },
    ProjectAccess: { make: () => new ProjectAccess("x", { ...inProject, identityId: "identity", privileges: [] }) },
    ProjectMembers: { make: () => new ProjectMembers("x", { ...inProject, members: { "a@b.c": "admin" } }) },
    ProjectTags: { make: () => new ProjectTags("x", { ...inProject, tags: { tag: "#ffffff" } }), deletes: false },
    SandboxServer: {
      make: () =>
        new SandboxServer("x", { port: 1, root: tmpdir(), dataFolder: "no-such-folder", keys, profile: "v0.159.22" }),
      callsOut: false,
    },
    SecretImports: {
      make: () => new SecretImports("x", { ...inFolder, imports: [{ environment: "dev", path: "/shared" }] }),
      outputs: { importIds: [] },
    },
    Secrets: {
      make: () => new Secrets("x", { ...inFolder, values: { KEY: secret }, deletion: "delete" }),
      outputs: { fingerprints: {}, salt: "salt", seeds: {}, adopted: [], othersKeys: [], unfilled: [] },
    },
    Webhook: {
      make: () => new Webhook("x", { ...inFolder, url: "https://example.com", type: "general", secret, enabled: true }),
    },
  };
}
