import { beforeEach, describe, expect, it } from "vitest";
import { Identity, type IdentityArgs } from "../../../infra/resources/identity";
import { DEFAULT_UNIVERSAL_AUTH } from "../../../infra/resources/universal-auth-defaults";
import { Refused, type FakeIdentity, type FakeInfisical } from "../../support/fake-infisical";
import { fakeInfisical } from "../../support/fake-routes";
import { clear, ResourceEngine } from "../../support/resource-engine";

const OWNER = "pulumi-stack";

let fake: FakeInfisical;
let engine: ResourceEngine;

beforeEach(async () => {
  fake = await fakeInfisical();
  engine = new ResourceEngine(identity());
});

function identity(more: Partial<IdentityArgs> = {}): () => Identity {
  const args = {
    connection: fake.connection,
    organizationId: "org",
    name: "rag-sdk-identity",
    owner: "infisical/dev",
    universalAuth: DEFAULT_UNIVERSAL_AUTH,
    ...more,
  };
  return () => new Identity("identity", args);
}

function add(id: string, owner?: string): FakeIdentity {
  const metadata = owner === undefined ? [] : [{ key: OWNER, value: owner }];
  const made = { id, name: "rag-sdk-identity", role: "no-access", metadata, secrets: [] };
  fake.world.identities.push(made);
  return made;
}

function ours(): FakeIdentity {
  const found = fake.world.identities.find(({ id }) => id === engine.state?.id);
  if (found === undefined) throw new Error("the state has no identity of the server");
  return found;
}

function named(): number {
  return fake.world.identities.filter(({ name }) => name === "rag-sdk-identity").length;
}

describe("an identity", () => {
  it("is made with no access, the mark of its stack, and Universal Auth as wanted", async () => {
    expect(await engine.up()).toBe("created");
    expect(ours()).toMatchObject({ role: "no-access", metadata: [{ key: OWNER, value: "infisical/dev" }] });
    expect(ours().auth?.settings).toMatchObject({ accessTokenTTL: 7200, accessTokenMaxTTL: 7200 });
    expect(engine.state?.outputs).toMatchObject({ clientId: ours().auth?.clientId, adopted: false });
    expect(clear(engine.state?.outputs)).not.toContain("value-of");
  });

  it("changes nothing the second time, though the server writes addresses in another form", async () => {
    await engine.up();
    expect(await engine.up()).toBe("unchanged");
    expect(await engine.refresh()).toBe("same");
    expect(await engine.up()).toBe("unchanged");
    expect(fake.count("PATCH /api/*")).toBe(0);
  });

  it("is made once when an answer is lost, of the identity or of its Universal Auth", async () => {
    fake.loseAnswer("POST /api/v1/identities");
    fake.loseAnswer("POST /api/v1/auth/universal-auth/identities/*");
    expect(await engine.up()).toBe("created");
    expect(named()).toBe(1);
  });

  it("follows a change of its name and of a lifetime, both times sent together, and keeps its client id", async () => {
    await engine.up();
    const { clientId } = engine.state?.outputs ?? {};
    const universalAuth = { ...DEFAULT_UNIVERSAL_AUTH, accessTokenTTL: 60, accessTokenMaxTTL: 600 };
    expect(await engine.up(identity({ name: "renamed", universalAuth }))).toBe("updated");
    expect(ours()).toMatchObject({ name: "renamed", auth: { clientId } });
    const sent = fake.received.find(({ method, path }) => method === "PATCH" && path.includes("universal-auth"))?.body;
    expect(sent).toMatchObject({ accessTokenTTL: 60, accessTokenMaxTTL: 600 });
  });

  it("is put right when somebody changes its role, its lifetimes, or detaches its Universal Auth", async () => {
    await engine.up();
    ours().role = "admin";
    Object.assign(ours().auth?.settings ?? {}, { accessTokenTTL: 2_592_000 });
    expect(await engine.refresh()).toBe("changed");
    expect(engine.state?.inputs).toMatchObject({ role: "admin", universalAuth: { accessTokenTTL: 2_592_000 } });
    expect(await engine.up()).toBe("updated");
    expect(ours()).toMatchObject({ role: "no-access", auth: { settings: { accessTokenTTL: 7200 } } });

    delete ours().auth;
    expect(await engine.refresh()).toBe("changed");
    expect(await engine.up()).toBe("updated");
    expect(ours().auth?.clientId).toBe(engine.state?.outputs.clientId);
  });
});

describe("an identity that something happened to", () => {
  it("keeps metadata that others wrote", async () => {
    await engine.up();
    ours().metadata.push({ key: "team", value: "search" });
    await engine.up(identity({ name: "renamed" }));
    expect(ours().metadata).toEqual([
      { key: "team", value: "search" },
      { key: OWNER, value: "infisical/dev" },
    ]);
  });

  it("half made is kept and finished, and can be deleted", async () => {
    fake.refuseNext("POST /api/v1/auth/universal-auth/identities/*", new Refused(403, "PermissionDenied", "no"));
    await expect(engine.up()).rejects.toThrow('could not create Identity "rag-sdk-identity"');
    await engine.refresh();
    expect(await engine.up()).toBe("updated");
    expect(ours().auth).toBeDefined();
    expect(named()).toBe(1);
    await engine.destroy();
    expect(named()).toBe(0);
  });

  it("that is gone is dropped by a refresh, and no hindrance when the stack goes", async () => {
    await engine.up();
    fake.world.identities = fake.world.identities.filter(({ name }) => name !== "rag-sdk-identity");
    expect(await engine.refresh()).toBe("gone");
    expect(await engine.up()).toBe("created");
    fake.world.identities = fake.world.identities.filter(({ name }) => name !== "rag-sdk-identity");
    await engine.destroy();
  });
});

describe("an identity of a name that is taken", () => {
  it("is another stack's and left alone: ours is made beside it", async () => {
    const theirs = add("theirs", "infisical/prod");
    await engine.up();
    expect(ours()).not.toBe(theirs);
    expect(named()).toBe(2);
  });

  it("is ours from before, also beside others", async () => {
    add("theirs", "infisical/prod");
    add("free");
    add("ours", "infisical/dev");
    await engine.up();
    expect(engine.state?.id).toBe("ours");
  });

  it("is taken over when nobody marked it, marked, and kept when the stack goes", async () => {
    const free = add("free");
    await engine.up();
    expect(engine.state).toMatchObject({ id: "free", outputs: { adopted: true } });
    expect(free.metadata).toEqual([{ key: OWNER, value: "infisical/dev" }]);
    await engine.destroy();
    expect(named()).toBe(1);
  });

  it("is never chosen by chance among several", async () => {
    add("one");
    add("two");
    await expect(engine.up()).rejects.toThrow(/there are 2 identities of this name \(one, two\)/);
    expect(engine.state).toBeUndefined();
  });

  it("is refused by `create`, and demanded by `adopt`", async () => {
    await expect(engine.up(identity({ adoption: "adopt" }))).rejects.toThrow("there is no identity of this name");
    add("free");
    await expect(engine.up(identity({ adoption: "create" }))).rejects.toThrow(/is there already; adopt it/);
  });
});
