import { beforeEach, describe, expect, it } from "vitest";
import { Administrator } from "../../../infra/resources/administrator";
import { Refused, type FakeIdentity, type FakeInfisical } from "../../support/fake-infisical";
import { fakeInfisical } from "../../support/fake-routes";
import { clear, plain, ResourceEngine } from "../../support/resource-engine";

const SIGN_UP = "POST /api/v1/admin/signup";
const LOG_IN = "POST /api/v3/auth/login";

let fake: FakeInfisical;
let engine: ResourceEngine;

beforeEach(async () => {
  fake = await fakeInfisical();
  fake.world.identities = [];
  engine = new ResourceEngine(administrator());
});

function administrator(more: { organization?: string; password?: string } = {}): () => Administrator {
  const { password = "s3cret-password", organization = "Acme" } = more;
  const login = { email: "admin@example.com", password };
  return () => new Administrator("admin", { url: fake.url, login, organization, owner: "infisical/dev" });
}

function automation(): FakeIdentity {
  const [identity, ...others] = fake.world.identities;
  if (identity === undefined || others.length > 0) throw new Error(`${fake.world.identities.length} identities`);
  return identity;
}

function live(): string[] {
  return automation()
    .secrets.filter(({ revoked }) => !revoked)
    .map(({ value }) => value);
}

describe("the administrator of a fresh instance", () => {
  it("signs up, names the organization, closes sign-up, and makes one automation identity that can log in", async () => {
    expect(await engine.up()).toBe("created");
    expect(fake.world.administrator).toEqual({ email: "admin@example.com", password: "s3cret-password" });
    expect(fake.world.organization.name).toBe("Acme");
    expect(fake.world.allowSignUp).toBe(false);
    expect(automation()).toMatchObject({
      name: "pulumi-automation",
      role: "admin",
      metadata: [{ key: "pulumi-stack", value: "infisical/dev" }],
    });
    const { clientId, clientSecret } = plain(engine.state?.outputs ?? {});
    expect([automation().auth?.clientId, live()]).toEqual([clientId, [clientSecret]]);
    expect(engine.state?.id).toBe(fake.world.organization.id);
  });

  it("leaves no session open, and no token, password or credential in clear in the state", async () => {
    await engine.up();
    expect(fake.count("POST /api/v1/auth/logout")).toBe(1);
    expect(clear(engine.state?.outputs)).not.toMatch(/s3cret|value-of|token-\d/);
    expect(JSON.stringify(engine.state)).not.toMatch(/token-\d/);
  });

  it("changes nothing the second time, nor after a refresh", async () => {
    await engine.up();
    expect(await engine.up()).toBe("unchanged");
    expect(await engine.refresh()).toBe("same");
    expect(await engine.up()).toBe("unchanged");
    expect(fake.count(SIGN_UP)).toBe(1);
  });

  it("is found again by its password when the answer of the sign-up was lost", async () => {
    fake.loseAnswer(SIGN_UP);
    expect(await engine.up()).toBe("created");
    expect(fake.count(SIGN_UP)).toBe(1);
  });

  it("ends with one identity and one good client secret, whichever answer is lost", async () => {
    for (const request of ["POST /api/v1/identities", "POST /api/v1/auth/universal-auth/identities/*"]) {
      fake = await fakeInfisical();
      fake.world.identities = [];
      engine = new ResourceEngine(administrator());
      fake.loseAnswer(request);
      expect(await engine.up()).toBe("created");
      expect(live()).toEqual([plain(engine.state?.outputs)?.clientSecret]);
    }
  });

  it("keeps its credential when a later step fails, and goes on from there", async () => {
    automationSecretsFail();
    await expect(engine.up()).rejects.toThrow(/could not create Administrator admin@example\.com of http/);
    const before = plain(engine.state?.outputs)?.clientSecret;
    expect(before).toBeDefined();
    expect(await engine.refresh()).not.toBe("gone");
    expect(await engine.up()).toBe("updated");
    expect(plain(engine.state?.outputs)?.clientSecret).toBe(before);
    expect(live()).toEqual([before]);
    expect(await engine.up()).toBe("unchanged");
  });

  /** The list of client secrets, from which those without a known value are retired. */
  function automationSecretsFail(): void {
    fake.refuseNext("GET /api/v1/auth/universal-auth/identities/*", new Refused(404, "NotFound", "not attached"));
    fake.refuseNext("GET /api/v1/auth/universal-auth/identities/*", new Refused(403, "PermissionDenied", "no"));
  }
});

describe("the administrator of an instance that is not fresh", () => {
  it("is refused when it is somebody else's, with what to provide, and without the password", async () => {
    fake.world.administrator = { email: "other@example.com", password: "theirs" };
    const told = await engine.up().catch((thrown: Error) => thrown.message);
    expect(told).toMatch(/has an administrator already, and it is not ours.*pulumi config set admin\.email/);
    expect(told).not.toContain("s3cret");
    expect(engine.state).toBeUndefined();
    expect(fake.count(SIGN_UP)).toBe(0);
    expect(fake.world.identities).toEqual([]);
  });

  it("logs in when it is ours, and takes its automation identity over, with a new client secret", async () => {
    await engine.up();
    const lost = plain(engine.state?.outputs)?.clientSecret;
    const again = new ResourceEngine(administrator());
    expect(await again.up()).toBe("created");
    expect(live()).toEqual([plain(again.state?.outputs)?.clientSecret]);
    expect(live()).not.toContain(lost);
    expect(fake.count(LOG_IN)).toBe(2);
  });
});

describe("drift of the administrator", () => {
  beforeEach(async () => {
    await engine.up();
  });

  it("is an organization that was renamed and sign-up that was opened: seen and put right", async () => {
    fake.world.organization.name = "Renamed";
    fake.world.allowSignUp = true;
    expect(await engine.refresh()).toBe("changed");
    expect(engine.state?.inputs).toMatchObject({ organization: "Renamed", allowSignUp: true });
    expect(await engine.up()).toBe("updated");
    expect([fake.world.organization.name, fake.world.allowSignUp]).toEqual(["Acme", false]);
  });

  it("is a credential that was revoked: a new one is made and nothing else", async () => {
    automation().secrets.forEach((secret) => (secret.revoked = true));
    expect(await engine.refresh()).not.toBe("gone");
    expect(await engine.up()).toBe("updated");
    expect(live()).toEqual([plain(engine.state?.outputs)?.clientSecret]);
  });

  it("is a database that is empty again: everything is made anew", async () => {
    delete fake.world.administrator;
    expect(await engine.refresh()).toBe("gone");
    expect(await engine.up()).toBe("created");
  });

  it("of a server that does not say is a failure, and nothing is forgotten", async () => {
    fake.refuseNext("GET /api/v1/admin/config", new Refused(500, "InternalServerError", "Something went wrong"));
    await expect(engine.refresh()).rejects.toThrow("could not read Administrator");
    expect(engine.state).toBeDefined();
  });

  it("is never an instance without one: the administrator stays when the stack goes", async () => {
    await engine.destroy();
    expect(fake.world.administrator).toBeDefined();
  });
});
