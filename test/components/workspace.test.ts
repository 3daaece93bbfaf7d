import type * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { InfisicalServer } from "../../infra/components/infisical-server";
import { Sandbox } from "../../infra/components/sandbox";
import type { Server } from "../../infra/components/server";
import { Workspace } from "../../infra/components/workspace";
import type { Settings } from "../../infra/config";
import { noticesFor, outputsOf } from "../../infra/outputs";
import { GENERATED, recordProgram, settingsFor, valueOf, type ProgramRecord } from "../support/program-record";

const DYNAMIC = "pulumi-nodejs:dynamic/infisical:";
const API_KEY = "s3cret-openai-key";

interface Program {
  record: ProgramRecord;
  settings: Settings;
  outputs: pulumi.Inputs;
  notices: pulumi.Input<string[]>;
}

async function program(config: { [key: string]: string } = {}, secretKeys: string[] = []): Promise<Program> {
  const settings = await settingsFor(config, secretKeys);
  let outputs: pulumi.Inputs = {};
  let notices: pulumi.Input<string[]> = [];
  const record = await recordProgram(settings, () => {
    const server: Server =
      settings.target === "docker" ? new InfisicalServer("server", settings) : new Sandbox("sandbox", settings);
    const workspace = new Workspace("workspace", settings, server);
    outputs = outputsOf(settings, server, workspace);
    notices = noticesFor(settings, workspace);
  });
  return { record, settings, outputs, notices };
}

function inServer(record: ProgramRecord) {
  return record.resources.filter(({ type }) => type.startsWith(DYNAMIC) && !type.endsWith(":SandboxServer"));
}

let record: ProgramRecord;

beforeAll(async () => {
  ({ record } = await program());
});

describe("the workspace of my-rag", () => {
  it("is an administrator, a project with a folder and its secrets, and an identity with a credential and one access", () => {
    const made = inServer(record).map(({ type, name }) => `${type.slice(DYNAMIC.length)} ${name}`);
    expect(made.sort()).toEqual([
      "Administrator administrator",
      "ClientSecret rag-sdk-identity-client-secret",
      "Folder my-rag-dev:/openai-rag",
      "Identity rag-sdk-identity",
      "Project my-rag",
      "ProjectAccess rag-sdk-identity-in-my-rag",
      "Secrets my-rag-dev:/openai-rag-secrets",
    ]);
    expect(new Set(inServer(record).map(({ parent }) => parent))).toEqual(new Set(["workspace"]));
  });

  it("goes with the data of Postgres, is made again with it, and waits for the gate", () => {
    for (const { name, deletedWith, replaceWith, dependsOn } of inServer(record)) {
      expect({ name, deletedWith, replaceWith }).toEqual({
        name,
        deletedWith: "server-postgres-data",
        replaceWith: ["server-postgres-data"],
      });
      expect(dependsOn).toContain("server-ready");
    }
  });

  it("has its address from the configuration, and nothing from a container or the gate", () => {
    for (const { inputs, type } of inServer(record)) {
      const url = type.endsWith(":Administrator") ? inputs.url : (inputs.connection as { url: string }).url;
      expect(url).toBe("http://localhost:8080");
      expect(JSON.stringify(inputs)).not.toMatch(/id-of-server/);
    }
  });

  it("marks every secret that it hands on, in inputs and in what comes back", () => {
    for (const { inputs, secretPaths, type } of inServer(record)) {
      const open = JSON.stringify(withoutPaths(inputs, secretPaths));
      expect(open).not.toContain(GENERATED);
      expect(secretPaths).toContain(type.endsWith(":Administrator") ? "login.password" : "connection.clientSecret");
    }
    for (const name of ["administrator", "rag-sdk-identity-client-secret"]) {
      expect(record.one(name).additionalSecretOutputs).toContain("clientSecret");
    }
  });
});

describe("contents of the workspace of my-rag", () => {
  it("has each value secret under its own key, so that a plan names keys and hides values", () => {
    const { secretPaths, inputs } = record.one("my-rag-dev:/openai-rag-secrets");
    expect(secretPaths.filter((path) => path.startsWith("values")).sort()).toEqual([
      "values.OPENAI_API_KEY",
      "values.OPENAI_EMBED_MODEL",
      "values.OPENAI_LLM_MODEL",
      "values.QDRANT_URL",
    ]);
    expect(inputs.values).toMatchObject({ OPENAI_LLM_MODEL: "gpt-4o-mini", QDRANT_URL: "http://localhost:6333" });
  });

  it("puts things in their order: project, folder, secrets; identity, credential, access", () => {
    expect(record.one("my-rag").dependsOn).toContain("administrator");
    expect(record.one("my-rag-dev:/openai-rag").dependsOn).toContain("my-rag");
    expect(record.one("my-rag-dev:/openai-rag-secrets").dependsOn).toContain("my-rag-dev:/openai-rag");
    expect(record.one("rag-sdk-identity-client-secret").dependsOn).toContain("rag-sdk-identity");
    expect(record.one("rag-sdk-identity-in-my-rag").dependsOn).toEqual(
      expect.arrayContaining(["rag-sdk-identity", "my-rag"]),
    );
  });

  it("lets the identity read dev:/openai-rag and do nothing else", () => {
    expect(record.one("rag-sdk-identity").inputs.role).toBe("no-access");
    expect(record.one("rag-sdk-identity-in-my-rag").inputs).toMatchObject({
      roles: ["no-access"],
      privileges: [
        {
          slug: "stack-access",
          permissions: [
            {
              subject: "secrets",
              action: ["describeSecret", "readValue"],
              conditions: { environment: { $eq: "dev" }, secretPath: { $eq: "/openai-rag" } },
            },
          ],
        },
      ],
    });
  });

  it("closes sign-up, makes the administrator a member, and bounds tokens to two hours", () => {
    expect(record.one("administrator").inputs).toMatchObject({ allowSignUp: false, owner: "infisical/dev" });
    expect(record.one("my-rag").inputs.admins).toEqual(["admin@example.com"]);
    expect(record.one("rag-sdk-identity").inputs.universalAuth).toMatchObject({
      accessTokenTTL: 7200,
      accessTokenMaxTTL: 7200,
      accessTokenTrustedIps: ["0.0.0.0/0", "::/0"],
      clientSecretTrustedIps: ["0.0.0.0/0", "::/0"],
    });
    expect(record.one("rag-sdk-identity-client-secret").inputs.grace).toBe(7200);
  });

  it("generates the administrator's password once, unless one is given", async () => {
    expect(record.one("workspace-admin-password").ignoreChanges).toEqual(["*"]);
    const given = await program({ "admin.password": "s3cret-given-password" }, ["admin.password"]);
    expect(given.record.resources.some(({ name }) => name === "workspace-admin-password")).toBe(false);
    const { inputs, secretPaths } = given.record.one("administrator");
    expect([inputs.login, secretPaths]).toEqual([
      { email: "admin@example.com", password: "s3cret-given-password" },
      ["login.password"],
    ]);
  });
});

describe("the workspace on the sandbox", () => {
  it("goes with the sandbox's process and data, whose keys are secret", async () => {
    const { record } = await program({ target: "sandbox", "server.port": "8090" });
    const { inputs, secretPaths } = record.one("sandbox-server");
    expect(inputs).toMatchObject({ port: 8090, dataFolder: ".local/sandbox/dev", profile: "v0.159.22" });
    expect(secretPaths.sort()).toEqual(["keys.authSecret", "keys.encryptionKey"]);
    expect(record.resources.filter(({ type }) => type.startsWith("docker:"))).toEqual([]);
    for (const { deletedWith, replaceWith, dependsOn } of inServer(record)) {
      expect([deletedWith, replaceWith]).toEqual(["sandbox-server", ["sandbox-server"]]);
      expect(dependsOn).toContain("sandbox-ready");
    }
  });
});

describe("the outputs", () => {
  it("are what an application and a person need, secret where they are secrets", async () => {
    const { outputs } = await program({ OPENAI_API_KEY: API_KEY }, ["OPENAI_API_KEY"]);
    const seen = async (name: string): Promise<unknown> => valueOf(outputs[name] as pulumi.Input<unknown>);
    const open = (value: string): object => ({ value, secret: false });
    expect(await seen("url")).toEqual(open("http://localhost:8080"));
    expect(await seen("healthEndpoint")).toEqual(open("http://localhost:8080/api/status"));
    expect(await seen("projectId")).toEqual(open("id-of-my-rag"));
    expect(await seen("projectSlug")).toEqual(open("my-rag"));
    expect(await seen("environment")).toEqual(open("dev"));
    expect(await seen("secretPath")).toEqual(open("/openai-rag"));
    expect(await seen("identityId")).toEqual(open("id-of-rag-sdk-identity"));
    expect(await seen("clientId")).toEqual(open("client-of-rag-sdk-identity"));
    expect(await seen("adminEmail")).toEqual(open("admin@example.com"));
    for (const name of ["clientSecret", "adminPassword", "dotenv"]) {
      expect(await seen(name)).toMatchObject({ secret: true });
    }
  });

  it("give the environment of an application, line by line and whole", async () => {
    const { outputs } = await program();
    expect((await valueOf(outputs.dotenv as pulumi.Output<string>)).value).toBe(
      [
        "INFISICAL_HOST=http://localhost:8080",
        "INFISICAL_PROJECT_ID=id-of-my-rag",
        "INFISICAL_CLIENT_ID=client-of-rag-sdk-identity",
        `INFISICAL_CLIENT_SECRET=${GENERATED}-rag-sdk-identity-client-secret`,
        "INFISICAL_ENV=dev",
        "INFISICAL_PATH=/openai-rag",
        "",
      ].join("\n"),
    );
  });

  it("say that a value is a placeholder until it is set, and nothing once it is", async () => {
    const unset = await program();
    expect((await valueOf(unset.notices)).value).toEqual([
      expect.stringMatching(
        /^OPENAI_API_KEY is a placeholder until you set it: npm run pulumi -- config set --secret OPENAI_API_KEY/,
      ),
    ]);
    expect(unset.record.one("my-rag-dev:/openai-rag-secrets").inputs.values).toMatchObject({
      OPENAI_API_KEY: expect.stringMatching(/^PLACEHOLDER: /),
    });
    const set = await program({ OPENAI_API_KEY: API_KEY }, ["OPENAI_API_KEY"]);
    expect((await valueOf(set.notices)).value).toEqual([]);
    expect(set.record.one("my-rag-dev:/openai-rag-secrets").inputs.values).toMatchObject({ OPENAI_API_KEY: API_KEY });
  });

  it("say that the sandbox is not Infisical", async () => {
    const { notices } = await program({ target: "sandbox" });
    expect((await valueOf(notices)).value[0]).toMatch(/^sandbox, not Infisical/);
  });
});

/** A copy without what stands at these paths. */
function withoutPaths(value: unknown, paths: string[], at = ""): unknown {
  if (paths.includes(at)) return "[secret]";
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    withoutPaths(inner, paths, at === "" ? key : `${at}.${key}`),
  ]);
  return Object.fromEntries(entries);
}
