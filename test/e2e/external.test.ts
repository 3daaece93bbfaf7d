import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFolder } from "../../infra/api/folders";
import { findIdentities } from "../../infra/api/identities";
import { createEnvironment, createProject, findProject } from "../../infra/api/projects";
import { listSecrets, writeSecrets } from "../../infra/api/secrets";
import { askAs } from "../../infra/api/session";
import { openExternal, type External } from "../support/external";

/** One stack on a server of somebody else's, through its life; each block goes on where the one before it ended. */
describe("a stack on an Infisical that exists already", () => {
  let here: External;

  beforeAll(async () => {
    here = await openExternal();
    await here.stack.up();
  });
  afterAll(() => here?.close());

  it("makes no server and no administrator, only what the blueprint says", async () => {
    const types = (await here.stack.resources()).map(({ type }) => type.split(":").at(-1));
    expect(types).not.toContain("SandboxServer");
    expect(types).not.toContain("Administrator");
    expect(types).toEqual(expect.arrayContaining(["Project", "Folder", "Secrets", "Identity", "ClientSecret"]));
  });

  it("tells the same as any other stack, without an administrator that is not its own", async () => {
    const outputs = await here.stack.outputs();
    expect(outputs).toMatchObject({
      url: here.server.url,
      projectSlug: "my-rag",
      environment: "dev",
      secretPath: "/openai-rag",
      clientSecret: expect.stringMatching(/^[0-9a-f]{64}$/),
      identities: { "rag-sdk-identity": { clientId: outputs.clientId, secretPath: "/openai-rag" } },
    });
    expect(outputs).not.toHaveProperty("adminPassword");
  });

  it("gives the application exactly its own folder", async () => {
    const { projectId, clientId, clientSecret } = (await here.stack.outputs()) as { [name: string]: string };
    const app = askAs({ url: here.server.url, clientId: clientId ?? "", clientSecret: clientSecret ?? "" });
    const place = { projectId: projectId ?? "", environment: "dev", secretPath: "/openai-rag" };
    const keys = (await listSecrets(app, place))?.map(({ key }) => key).sort();
    expect(keys).toEqual(["OPENAI_API_KEY", "OPENAI_EMBED_MODEL", "OPENAI_LLM_MODEL", "QDRANT_URL"]);
    await expect(writeSecrets(app, place, [{ key: "NEW", value: "x" }])).rejects.toMatchObject({ status: 403 });
  });

  it("changes nothing the second time", async () => {
    await here.writes();
    await here.stack.must(["preview", "--expect-no-changes"]);
    await here.stack.up("--refresh");
    expect(await here.writes()).toEqual([]);
  });

  it("keeps the account's credential out of the state's clear text", async () => {
    const exported = await here.stack.must(["stack", "export"]);
    expect(exported.stdout).not.toContain(here.server.connection.clientSecret);
  });

  it("takes what it made with it, and leaves the server as it was", async () => {
    await here.stack.must(["destroy", "--yes", "--skip-preview"]);
    expect(await findProject(here.server.ask, "my-rag")).toBeUndefined();
    expect(await findIdentities(here.server.ask, "rag-sdk-identity")).toEqual([]);
    expect(await findIdentities(here.server.ask, "bench")).toHaveLength(1);
  });

  it("leaves a project that was there before, and in it what was there before", async () => {
    const { ask } = here.server;
    const { id } = await createProject(ask, { slug: "my-rag", name: "by hand", description: "" });
    await createEnvironment(ask, id, { slug: "dev", name: "Development", position: 1 });
    await createFolder(ask, { projectId: id, environment: "dev" }, "/openai-rag", "");
    const place = { projectId: id, environment: "dev", secretPath: "/openai-rag" };
    await writeSecrets(ask, place, [
      { key: "OPENAI_LLM_MODEL", value: "gpt-4o-mini" },
      { key: "THEIRS", value: "not ours" },
    ]);
    await here.stack.up();
    expect(await listSecrets(ask, place)).toHaveLength(5);
    await here.stack.must(["destroy", "--yes", "--skip-preview"]);
    expect(await findProject(ask, "my-rag")).toMatchObject({ id });
    expect((await listSecrets(ask, place))?.map(({ key }) => key).sort()).toEqual(["OPENAI_LLM_MODEL", "THEIRS"]);
  });

  it("stops before anything is made when the credential is refused, and says what to check", async () => {
    await here.writes();
    await here.stack.configureSecret("external.clientSecret", "0".repeat(64));
    const { code, stdout, stderr } = await here.stack.run(["up", "--yes", "--skip-preview"]);
    await here.stack.configureSecret("external.clientSecret", here.server.connection.clientSecret);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/cannot log in to .* Check external\.clientId and external\.clientSecret/s);
    expect(await here.writes()).toEqual([]);
  });

  it("works with a token in the credential's place", async () => {
    await here.stack.configureSecret("external.token", here.server.token);
    await here.stack.up();
    expect(await findProject(here.server.ask, "my-rag")).toBeDefined();
    const exported = await here.stack.must(["stack", "export"]);
    expect(exported.stdout).not.toContain(here.server.token);
    await here.stack.must(["destroy", "--yes", "--skip-preview"]);
  });
});
