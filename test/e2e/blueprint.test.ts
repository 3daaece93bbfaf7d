import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findIdentities } from "../../infra/api/identities";
import { listImports } from "../../infra/api/imports";
import { findProject } from "../../infra/api/projects";
import { deleteSecrets, listSecrets, writeSecrets, type SecretsPlace } from "../../infra/api/secrets";
import { askAs } from "../../infra/api/session";
import { openExternal, type External } from "../support/external";
import { CHANGED, manyServices } from "../support/many-services";

const API_TOKEN = "tok3n-of-the-configuration";

/** One stack through its life; each block goes on where the one before it ended. */
describe("a blueprint of 5 services, 3 environments and 500 keys", () => {
  let here: External;
  let projectId: string;
  let printed = "";

  const place = (environment: string, path: string): SecretsPlace => ({ projectId, environment, secretPath: path });
  const valuesIn = async (environment: string, path: string): Promise<{ [key: string]: string }> =>
    Object.fromEntries(
      ((await listSecrets(here.server.ask, place(environment, path))) ?? []).map(({ key, value }) => [key, value]),
    );

  beforeAll(async () => {
    here = await openExternal();
    here.blueprint(manyServices());
    await here.stack.configureSecret("API_TOKEN", API_TOKEN);
    printed = (await here.stack.up()).stdout;
    projectId = String((await here.stack.outputs()).projectId);
  });
  afterAll(() => here?.close());

  it("is on the server, key by key", async () => {
    let keys = 0;
    for (const environment of ["dev", "staging", "prod"]) {
      for (const path of ["/shared", "/api", "/billing", "/mailer", "/search", "/worker"]) {
        keys += Object.keys(await valuesIn(environment, path)).length;
      }
    }
    expect(keys).toBe(500);
    expect(await valuesIn("prod", "/shared")).toEqual({ LOG_LEVEL: "warn" });
    expect(await valuesIn("dev", "/api")).toMatchObject({
      API_TOKEN,
      FEATURES: "none",
      DATABASE_PASSWORD: expect.stringMatching(/^[A-Za-z0-9]{24}$/),
      SIGNING_KEY: expect.stringMatching(/^[0-9a-f]{64}$/),
      PAYMENT_TOKEN: expect.stringMatching(/^PLACEHOLDER: /),
    });
  });

  it("generates another value for every key, and shows none", async () => {
    const { DATABASE_PASSWORD: one } = await valuesIn("dev", "/api");
    const { DATABASE_PASSWORD: other } = await valuesIn("prod", "/api");
    expect(one).not.toBe(other);
    expect(printed).not.toContain(one);
    expect((await here.stack.must(["stack", "export"])).stdout).not.toContain(one);
  });

  it("has notes, imports and references where they were asked for", async () => {
    const secrets = (await listSecrets(here.server.ask, place("dev", "/api"))) ?? [];
    expect(secrets.find(({ key }) => key === "DATABASE_PASSWORD")).toMatchObject({
      comment: "made by the stack",
      tags: ["generated"],
    });
    expect(secrets.find(({ key }) => key === "API_TOKEN")?.metadata).toEqual({ owner: "api" });
    expect((await listImports(here.server.ask, place("prod", "/api")))?.map(({ path }) => path)).toEqual(["/shared"]);
    expect((await valuesIn("dev", "/api")).DATABASE_URL).toBe("postgres://api:${DATABASE_PASSWORD}@db/api");
  });

  it("gives each service its own folder and no other", async () => {
    const { identities } = (await here.stack.outputs()) as {
      identities: { [name: string]: { clientId: string; clientSecret: string } };
    };
    expect(Object.keys(identities)).toHaveLength(5);
    const billing = identities["billing-service"];
    const ask = askAs({
      url: here.server.url,
      clientId: billing?.clientId ?? "",
      clientSecret: billing?.clientSecret ?? "",
    });
    expect(await listSecrets(ask, place("prod", "/billing"))).toHaveLength(33);
    expect(await listSecrets(ask, place("dev", "/shared"))).toHaveLength(3);
    for (const path of ["/api", "/mailer", "/search", "/worker"]) {
      expect(await listSecrets(ask, place("prod", path))).toEqual([]);
    }
  });

  it("tells in notices what people have to fill in, by name", async () => {
    const { notices } = await here.stack.outputs();
    expect(notices).toContain("many-services dev:/api PAYMENT_TOKEN holds a placeholder: fill it in, in Infisical");
    expect(notices as string[]).toHaveLength(15);
  });

  it("has nothing to do at a second preview", async () => {
    await here.writes();
    await here.stack.must(["preview", "--expect-no-changes"]);
    expect(await here.writes()).toEqual([]);
  });

  it("shows in a preview which key changes, and neither value", async () => {
    here.blueprint(manyServices("s3cret-now"));
    const { stdout } = await here.stack.must(["preview", "--diff"]);
    expect(stdout).toMatch(/~ KEY_003\s*: \[secret\] => \[secret\]/);
    expect(stdout).not.toContain("s3cret-now");
    expect(stdout).not.toMatch(/KEY_004/);
  });

  it("changes one key by one request that writes", async () => {
    await here.stack.up();
    expect(await here.writes()).toEqual(["PATCH /api/v4/secrets/batch"]);
    expect((await valuesIn(CHANGED.environment, CHANGED.path))[CHANGED.key]).toBe("s3cret-now");
  });

  it("puts right what people changed in managed keys, and leaves what they made of the others", async () => {
    await writeSecrets(here.server.ask, place("dev", "/api"), [
      { key: "KEY_000", value: "by hand" },
      { key: "FEATURES", value: "by hand" },
      { key: "PAYMENT_TOKEN", value: "filled in" },
      { key: "THEIRS", value: "not ours" },
    ]);
    await here.writes();
    await here.stack.up("--refresh");
    expect(await here.writes()).toEqual(["PATCH /api/v4/secrets/batch"]);
    expect(await valuesIn("dev", "/api")).toMatchObject({
      KEY_000: "api in dev: 0",
      FEATURES: "by hand",
      PAYMENT_TOKEN: "filled in",
      THEIRS: "not ours",
    });
    expect((await here.stack.outputs()).notices as string[]).toHaveLength(14);
  });

  it("does not go while something is in it that is not its own, and says where", async () => {
    const { code, stdout } = await here.stack.run(["destroy", "--yes", "--skip-preview"]);
    expect(code).not.toBe(0);
    expect(stdout).toContain("could not delete Folder dev:/api: something that this stack did not make is still in it");
    expect(await valuesIn("dev", "/api")).toMatchObject({ THEIRS: "not ours" });
  });

  it("goes as it came once that is gone", async () => {
    await deleteSecrets(here.server.ask, place("dev", "/api"), ["THEIRS"]);
    await here.stack.must(["destroy", "--yes", "--skip-preview"]);
    expect(await findProject(here.server.ask, "many-services")).toBeUndefined();
    expect(await findIdentities(here.server.ask, "billing-service")).toEqual([]);
  });
});
