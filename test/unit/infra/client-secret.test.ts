import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ClientSecret, type ClientSecretArgs } from "../../../infra/resources/client-secret";
import { newClientSecret, Refused, type FakeIdentity, type FakeInfisical } from "../../support/fake-infisical";
import { fakeInfisical } from "../../support/fake-routes";
import { clear, plain, ResourceEngine } from "../../support/resource-engine";

const CREATE = "POST /api/v1/auth/universal-auth/identities/app/client-secrets";
const HOUR = 3_600_000;
const MINUTE = 60_000;

let fake: FakeInfisical;
let app: FakeIdentity;
let engine: ResourceEngine;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  fake = await fakeInfisical();
  app = {
    id: "app",
    name: "app",
    role: "no-access",
    metadata: [],
    auth: {
      clientId: "client",
      settings: {},
    },
    secrets: [],
  };
  fake.world.identities.push(app);
  engine = new ResourceEngine(clientSecret());
});

afterEach(() => {
  vi.useRealTimers();
});

function clientSecret(more: Partial<ClientSecretArgs> = {}): () => ClientSecret {
  const args = { connection: fake.connection, identityId: "app", grace: 3_600, owner: "infisical/dev", ...more };
  return () => new ClientSecret("credential", args);
}

function live(): string[] {
  return app.secrets.filter(({ revoked }) => !revoked).map(({ value }) => value);
}

/** What the stack would give an application. */
function given(): unknown {
  return plain(engine.state?.outputs)?.clientSecret;
}

describe("a client secret", () => {
  it("is minted once, stays the same, and is never in clear in the state", async () => {
    expect(await engine.up()).toBe("created");
    expect(live()).toEqual([given()]);
    expect(app.secrets[0]?.description).toBe("infisical/dev generation 1");
    expect(await engine.up()).toBe("unchanged");
    expect(await engine.refresh()).toBe("same");
    expect(await engine.up()).toBe("unchanged");
    expect(fake.count(CREATE)).toBe(1);
    expect(clear(engine.state?.outputs)).not.toMatch(/value-of-client-secret/);
  });

  it("of a new generation leaves the one before good for its grace, and no third one ever", async () => {
    await engine.up();
    const first = given();
    expect(await engine.up(clientSecret({ generation: 2 }))).toBe("updated");
    expect(live()).toEqual([first, given()]);
    const second = given();
    await engine.up(clientSecret({ generation: 3 }));
    expect(live()).toEqual([second, given()]);
  });

  it("is retired by the first `up` after its grace, and by none before", async () => {
    await engine.up();
    await engine.up(clientSecret({ generation: 2 }));
    vi.setSystemTime(Date.now() + HOUR + MINUTE - 1);
    expect(await engine.up()).toBe("unchanged");
    const told = vi.spyOn(console, "info").mockReturnValue();
    vi.setSystemTime(Date.now() + 2);
    expect(await engine.up()).toBe("updated");
    expect(told).toHaveBeenCalledWith("client secret of identity app: the grace of the one before is over");
    expect(live()).toEqual([given()]);
    expect(await engine.up()).toBe("unchanged");
  });

  it("is rotated by itself once it is older than rotateAfter, and the plan says why", async () => {
    const rotating = clientSecret({ rotateAfter: 86_400 });
    await engine.up(rotating);
    const first = given();
    vi.setSystemTime(Date.now() + 24 * HOUR - 1);
    expect(await engine.up()).toBe("unchanged");
    const told = vi.spyOn(console, "info").mockReturnValue();
    vi.setSystemTime(Date.now() + 1);
    expect(await engine.up()).toBe("updated");
    expect(told).toHaveBeenCalledWith(
      expect.stringContaining("longer ago than rotateAfter (86400 s), so it is rotated"),
    );
    expect(live()).toEqual([first, given()]);
    expect(await engine.up()).toBe("unchanged");
  });
});

describe("a client secret among others", () => {
  it("that is revoked through a generation loses its grace at once, and keeps it lost", async () => {
    await engine.up();
    await engine.up(clientSecret({ generation: 2 }));
    expect(live()).toHaveLength(2);
    await engine.up(clientSecret({ generation: 3, revokedThrough: 2 }));
    expect(live()).toEqual([given()]);
    expect(await engine.up()).toBe("unchanged");
  });

  it("is never one of three, not even when its answers are lost", async () => {
    const alive: number[] = [];
    const push = app.secrets.push.bind(app.secrets);
    app.secrets.push = (...made) => {
      const length = push(...made);
      alive.push(live().length);
      return length;
    };
    for (const generation of [1, 2, 3]) {
      fake.loseAnswer(CREATE);
      fake.loseAnswer(CREATE);
      await engine.up(clientSecret({ generation }));
    }
    expect(alive).toHaveLength(9);
    expect(Math.max(...alive)).toBe(2);
  });
});

describe("a client secret whose time is over", () => {
  it("without a grace is retired at once", async () => {
    await engine.up();
    await engine.up(clientSecret({ generation: 2, grace: 0 }));
    expect(live()).toEqual([given()]);
  });

  it("is not minted a second time when the revocation after it fails and is made up for", async () => {
    await engine.up();
    fake.refuseNext(
      "POST /api/v1/auth/universal-auth/identities/app/client-secrets/*",
      new Refused(403, "PermissionDenied", "no"),
    );
    const emergency = clientSecret({ generation: 2, revokedThrough: 1 });
    await expect(engine.up(emergency)).rejects.toThrow("could not update ClientSecret number 2");
    const second = given();
    expect(live()).toHaveLength(2);
    expect(await engine.up()).toBe("updated");
    expect(live()).toEqual([second]);
  });

  it("is minted anew, with nothing lost, when making room for it fails", async () => {
    await engine.up();
    const first = given();
    app.secrets.push(newClientSecret({ description: "infisical/dev generation 1" }));
    fake.refuseNext(
      "POST /api/v1/auth/universal-auth/identities/app/client-secrets/*",
      new Refused(403, "PermissionDenied", "no"),
    );
    await expect(engine.up(clientSecret({ generation: 2 }))).rejects.toThrow("could not update ClientSecret number 2");
    expect(given()).toBe(first);
    expect(await engine.up()).toBe("updated");
    expect(live()).toEqual([first, given()]);
  });

  it("whose answer was lost is minted again, and the lost one revoked", async () => {
    fake.loseAnswer(CREATE);
    await engine.up();
    expect(app.secrets).toHaveLength(2);
    expect(live()).toEqual([given()]);
  });
});

describe("a client secret that something happened to", () => {
  it("that somebody revoked is found by a refresh and minted anew", async () => {
    await engine.up();
    app.secrets.forEach((secret) => (secret.revoked = true));
    expect(await engine.up()).toBe("unchanged");
    await engine.refresh();
    expect(await engine.up()).toBe("updated");
    expect(live()).toEqual([given()]);
  });

  it("that has expired or is used up is minted anew after a refresh", async () => {
    await engine.up(clientSecret({ ttl: 60 }));
    vi.setSystemTime(Date.now() + 60_000);
    await engine.refresh();
    expect(await engine.up()).toBe("updated");
    await engine.up(clientSecret({ numUsesLimit: 1 }));
    const before = given();
    app.secrets.forEach((secret) => (secret.numUses = 1));
    await engine.refresh();
    expect(await engine.up()).toBe("updated");
    expect(given()).not.toBe(before);
  });

  it("leaves those of others alone, and revokes its own when it goes", async () => {
    const others = [
      newClientSecret({ description: "by hand" }),
      newClientSecret({ description: "infisical/prod generation 1" }),
    ];
    app.secrets.push(...others);
    await engine.up();
    await engine.up(clientSecret({ generation: 2 }));
    await engine.destroy();
    expect(live()).toEqual(others.map(({ value }) => value));
  });

  it("goes in peace when its identity is gone already", async () => {
    await engine.up();
    fake.world.identities = fake.world.identities.filter((identity) => identity !== app);
    await engine.destroy();
    expect(engine.state).toBeUndefined();
  });
});
