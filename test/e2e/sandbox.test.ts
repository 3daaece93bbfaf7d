import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBackWithSdks } from "../../cli/core/consumers";
import { at } from "../../infra/api/answer";
import { isNotFound, isStatus } from "../../infra/api/fault";
import { logIn } from "../../infra/api/session";
import { listens } from "../../cli/core/processes";
import { untilGone } from "../support/leftovers";
import { recordNotRun } from "../support/not-run";
import {
  accessOf,
  asAdministrator,
  clientSecretsOf,
  foldersIn,
  identitiesNamed,
  projectOf,
  secretsIn,
  universalAuthOf,
  type ServerView,
} from "../support/server-view";
import { TestStack } from "../support/stack";

const OPENAI_API_KEY = 'sk-e2e/with+signs=and "quotes"';
const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** One stack through its whole life; each block goes on where the one before it ended. */
describe.each(["v0.159.22", "recorded"])("a stack on the sandbox with the profile %s", (profile) => {
  let stack: TestStack;
  let outputs: { [name: string]: unknown };

  const look = <T>(see: (view: ServerView) => Promise<T>): Promise<T> => asAdministrator(outputs, see);
  const place = (secretPath: string) => ({ projectId: String(outputs.projectId), environment: "dev", secretPath });
  const identity = async (view: ServerView, name: string): Promise<string> => {
    const ids = await identitiesNamed(view, name);
    expect(ids).toHaveLength(1);
    return String(ids[0]);
  };

  beforeAll(async () => {
    // Without the cache of providers, as a plain `pulumi up` runs.
    const env = { INFISICAL_PROVIDER_CACHE: "" };
    stack = await TestStack.open({ target: "sandbox", config: { "server.sandboxProfile": profile }, env });
    await stack.up();
    outputs = await stack.outputs();
  });
  afterAll(() => stack?.dispose());

  describe("after the first up", () => {
    it("tells all that a person and an application need", () => {
      expect(outputs).toMatchObject({
        url: stack.url,
        healthEndpoint: `${stack.url}/api/status`,
        projectSlug: "my-rag",
        environment: "dev",
        secretPath: "/openai-rag",
        adminEmail: "admin@example.com",
        projectId: expect.stringMatching(UUID),
        identityId: expect.stringMatching(UUID),
        clientId: expect.stringMatching(UUID),
        clientSecret: expect.stringMatching(/^[0-9a-f]{64}$/),
        adminPassword: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
      });
      expect(outputs.notices).toEqual([
        expect.stringContaining("sandbox, not Infisical"),
        expect.stringContaining("OPENAI_API_KEY is a placeholder"),
      ]);
      const dotenv = String(outputs.dotenv).trimEnd().split("\n").sort();
      expect(dotenv).toEqual([
        `INFISICAL_CLIENT_ID=${String(outputs.clientId)}`,
        `INFISICAL_CLIENT_SECRET=${String(outputs.clientSecret)}`,
        "INFISICAL_ENV=dev",
        `INFISICAL_HOST=${stack.url}`,
        "INFISICAL_PATH=/openai-rag",
        `INFISICAL_PROJECT_ID=${String(outputs.projectId)}`,
      ]);
    });

    it("gives secrets away only when asked to", async () => {
      const { stdout } = await stack.must(["stack", "output", "--json"]);
      const shown = JSON.parse(stdout) as { [name: string]: unknown };
      expect([shown.clientSecret, shown.adminPassword, shown.dotenv]).toEqual(["[secret]", "[secret]", "[secret]"]);
    });

    it("has nothing to change in a second preview, and sees no drift", async () => {
      await stack.must(["preview", "--expect-no-changes"]);
      await stack.refresh("--expect-no-changes");
    });

    it("lets both official SDKs read the four secrets, and refuses them elsewhere", async () => {
      const seen = await readBackWithSdks(stack.workspace);
      for (const { consumer, outcome, line } of seen) {
        if (outcome === "not run") recordNotRun(`the ${consumer} against the sandbox (${profile})`, line);
        else expect(line).toContain(`${consumer}: 4 secrets read, refused elsewhere`);
      }
      expect(seen.map(({ outcome }) => outcome)).not.toContain("failed");
    });

    it("has made on the server what the blueprint asks for, and no more", async () => {
      await look(async (view) => {
        const project = await projectOf(view, "my-rag");
        expect(project?.environments).toEqual({ dev: "Development", staging: "Staging", prod: "Production" });
        expect(await foldersIn(view, { ...place(""), path: "/" })).toEqual(["openai-rag"]);
        const id = await identity(view, "rag-sdk-identity");
        expect(await universalAuthOf(view, id)).toMatchObject({ accessTokenTTL: 7200, accessTokenMaxTTL: 7200 });
        expect(await clientSecretsOf(view, id)).toHaveLength(1);
        const access = await accessOf(view, id, String(outputs.projectId));
        expect(access.roles).toEqual(["no-access"]);
        expect(access.rules).toEqual([
          expect.objectContaining({
            subject: "secrets",
            action: ["describeSecret", "readValue"],
            conditions: { environment: { $eq: "dev" }, secretPath: { $eq: "/openai-rag" } },
          }),
        ]);
        const members = await view.ask({
          method: "GET",
          path: `/api/v1/projects/${String(outputs.projectId)}/memberships`,
        });
        expect(JSON.stringify(members)).toContain("admin@example.com");
        const config = await view.ask({ method: "GET", path: "/api/v1/admin/config" });
        expect(at(config, "config.allowSignUp")).toBe(false);
      });
    });
  });

  describe("after a secret was configured, one changed and one added", () => {
    beforeAll(async () => {
      await stack.configureSecret("OPENAI_API_KEY", OPENAI_API_KEY);
      stack.editBlueprint([
        "OPENAI_LLM_MODEL: gpt-4o-mini",
        "OPENAI_LLM_MODEL: gpt-4o\n          EXTRA_KEY: extra value",
      ]);
      const { stdout } = await stack.must(["preview", "--diff"]);
      expect(stdout).toMatch(/~ OPENAI_LLM_MODEL\s*: \[secret\] => \[secret\]/);
      expect(stdout).toMatch(/\+ EXTRA_KEY\s*: \[secret\]/);
      expect(stdout).not.toContain("extra value");
      await stack.up();
    });

    it("has them on the server, the configured one as it was given", async () => {
      const secrets = await look((view) => secretsIn(view, place("/openai-rag")));
      expect(secrets).toEqual({
        OPENAI_API_KEY,
        OPENAI_EMBED_MODEL: "text-embedding-3-large",
        OPENAI_LLM_MODEL: "gpt-4o",
        EXTRA_KEY: "extra value",
        QDRANT_URL: "http://localhost:6333",
      });
    });

    it("no longer speaks of a placeholder, and keeps the value out of the stack file", async () => {
      outputs = await stack.outputs();
      expect(JSON.stringify(outputs.notices)).not.toContain("placeholder");
      expect(readFileSync(stack.configFile, "utf8")).not.toContain("sk-e2e");
    });
  });

  describe("after a key was removed, the folder and an environment renamed, another added, and lifetimes changed", () => {
    beforeAll(async () => {
      stack.editBlueprint(
        ["          EXTRA_KEY: extra value\n", ""],
        ["/openai-rag", "/rag/openai"],
        ["prod: Production", "prod: Live\n      quality: Quality"],
        ["{ ttl: 7200, maxTtl: 7200 }", "{ ttl: 600, maxTtl: 3600 }"],
      );
      await stack.up();
      outputs = await stack.outputs();
    });

    it("has the secrets in the new folder and nothing in the old place", async () => {
      await look(async (view) => {
        expect(await foldersIn(view, { ...place(""), path: "/" })).toEqual(["rag"]);
        const secrets = await secretsIn(view, place("/rag/openai"));
        const keys = ["OPENAI_API_KEY", "OPENAI_EMBED_MODEL", "OPENAI_LLM_MODEL", "QDRANT_URL"];
        expect(Object.keys(secrets).sort()).toEqual(keys);
      });
    });

    it("has the environments in their order", async () => {
      const project = await look((view) => projectOf(view, "my-rag"));
      expect(Object.entries(project?.environments ?? {})).toEqual([
        ["dev", "Development"],
        ["staging", "Staging"],
        ["prod", "Live"],
        ["quality", "Quality"],
      ]);
    });

    it("keeps the identity and its client secret, with the new lifetimes and the new rule", async () => {
      await look(async (view) => {
        const id = await identity(view, "rag-sdk-identity");
        expect(id).toBe(outputs.identityId);
        expect(await universalAuthOf(view, id)).toMatchObject({ accessTokenTTL: 600, accessTokenMaxTTL: 3600 });
        expect(await clientSecretsOf(view, id)).toHaveLength(1);
        const { rules } = await accessOf(view, id, String(outputs.projectId));
        expect(JSON.stringify(rules)).toContain('"/rag/openai"');
      });
      expect(outputs.secretPath).toBe("/rag/openai");
    });

    it("lets the SDKs read there, and has nothing more to change", async () => {
      const seen = await readBackWithSdks(stack.workspace);
      expect(seen.filter(({ outcome }) => outcome === "failed")).toEqual([]);
      await stack.must(["preview", "--refresh", "--expect-no-changes"]);
    });
  });

  describe("after a second project and identity came and went", () => {
    let credential: { url: string; clientId: string; clientSecret: string };
    let project: string;

    beforeAll(async () => {
      stack.editBlueprint(
        [
          "identities:\n",
          `  other-app:
    name: Other
    environments: { dev: Development }
    secrets: { dev: { /: { TOKEN: other value } } }

identities:
  second-identity:
    grants: [{ project: other-app, environment: dev, path: / }]
`,
        ],
        ["      - environment: dev\n        path", "      - project: my-rag\n        environment: dev\n        path"],
      );
      await stack.up();
      await look(async (view) => {
        project = String((await projectOf(view, "other-app"))?.id);
        expect(await secretsIn(view, { projectId: project, environment: "dev", secretPath: "/" })).toEqual({
          TOKEN: "other value",
        });
        const id = await identity(view, "second-identity");
        const made = await view.ask({
          method: "POST",
          path: `/api/v1/auth/universal-auth/identities/${id}/client-secrets`,
          body: {},
        });
        const { clientId } = await universalAuthOf(view, id);
        credential = { url: stack.url, clientId: String(clientId), clientSecret: String(at(made, "clientSecret")) };
      });
      await logIn(credential);
      const text = readFileSync(String(stack.setting("blueprint")), "utf8");
      stack.editBlueprint(
        [text.slice(text.indexOf("  other-app:"), text.indexOf("identities:")), ""],
        [text.slice(text.indexOf("  second-identity:"), text.indexOf("  rag-sdk-identity:")), ""],
      );
      await stack.up();
    });

    it("has neither on the server", async () => {
      await look(async (view) => {
        expect(await projectOf(view, "other-app")).toBeUndefined();
        expect(await identitiesNamed(view, "second-identity")).toEqual([]);
        const gone = view.ask({ method: "GET", path: `/api/v1/projects/${project}` });
        await expect(gone).rejects.toSatisfy(isNotFound);
      });
    });

    it("refuses the credential that the second identity had", async () => {
      await expect(logIn(credential)).rejects.toSatisfy((thrown) => isStatus(thrown, 401));
    });

    it("still has the first project with its secrets", async () => {
      const secrets = await look((view) => secretsIn(view, place("/rag/openai")));
      expect(secrets.OPENAI_API_KEY).toBe(OPENAI_API_KEY);
    });
  });

  describe("after its process was killed", () => {
    let before: number;

    beforeAll(async () => {
      before = stack.sandboxPid();
      process.kill(before, "SIGKILL");
      await untilGone(before);
      await stack.bringUp();
    });

    it("runs again with all that it had", async () => {
      expect(stack.sandboxPid()).not.toBe(before);
      expect(await stack.outputs()).toEqual(outputs);
      const secrets = await look((view) => secretsIn(view, place("/rag/openai")));
      expect(secrets.OPENAI_API_KEY).toBe(OPENAI_API_KEY);
    });

    it("has nothing more to change", () => stack.must(["preview", "--expect-no-changes"]));
  });

  it("leaves no process, no folder and no resource when it is destroyed", async () => {
    const pid = stack.sandboxPid();
    const { stdout } = await stack.must(["destroy", "--yes"]);
    expect(stdout).toContain("deleted");
    await untilGone(pid);
    expect(await stack.leftovers()).toEqual([]);
    expect(await listens(stack.port)).toBe(false);
    expect(await stack.resources()).toEqual([]);
  });
});
