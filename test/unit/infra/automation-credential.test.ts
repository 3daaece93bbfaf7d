import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Administrator } from "../../../infra/resources/administrator";
import type { FakeInfisical } from "../../support/fake-infisical";
import { fakeInfisical } from "../../support/fake-routes";
import { clear, plain, ResourceEngine } from "../../support/resource-engine";

const GRACE = 7_200_000;

let fake: FakeInfisical;
let engine: ResourceEngine;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  fake = await fakeInfisical();
  fake.world.identities = [];
  engine = new ResourceEngine(administrator(1));
});

afterEach(() => {
  vi.useRealTimers();
});

function administrator(generation: number): () => Administrator {
  const login = { email: "admin@example.com", password: "s3cret-password" };
  const args = { url: fake.url, login, organization: "Acme", owner: "infisical/dev", generation };
  return () => new Administrator("admin", args);
}

function live(): string[] {
  return (fake.world.identities[0]?.secrets ?? []).filter(({ revoked }) => !revoked).map(({ value }) => value);
}

function given(): unknown {
  return plain(engine.state?.outputs ?? {}).clientSecret;
}

describe("the automation identity's credential", () => {
  it("of a new generation leaves the one before good, until its grace is over", async () => {
    await engine.up();
    const first = given();
    expect(await engine.up(administrator(2))).toBe("updated");
    expect(given()).not.toBe(first);
    expect(live()).toEqual([first, given()]);
    expect(await engine.up()).toBe("unchanged");
    vi.setSystemTime(Date.now() + GRACE);
    expect(await engine.up()).toBe("updated");
    expect(live()).toEqual([given()]);
    expect(clear(engine.state?.outputs)).not.toMatch(/value-of-client-secret/);
  });

  it("is never one of three", async () => {
    await engine.up();
    await engine.up(administrator(2));
    const second = given();
    fake.loseAnswer(`POST /api/v1/auth/universal-auth/identities/${fake.world.identities[0]?.id}/client-secrets`);
    await engine.up(administrator(3));
    expect(live()).toEqual([second, given()]);
  });

  it("stays what it is through a refresh", async () => {
    await engine.up();
    await engine.up(administrator(2));
    expect(await engine.refresh()).toBe("same");
    expect(await engine.up()).toBe("unchanged");
  });
});
