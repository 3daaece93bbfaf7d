import { beforeEach, describe, expect, it } from "vitest";
import type { Call } from "../../../infra/api/http";
import { askWith, authorized, credentialWorks, type Connection } from "../../../infra/api/session";
import { Refused, type FakeInfisical } from "../../support/fake-infisical";
import { fakeInfisical } from "../../support/fake-routes";

const LOGIN = "POST /api/v1/auth/universal-auth/login";
const DETAILS: Call = { method: "GET", path: "/api/v1/identities/details" };

let fake: FakeInfisical;
let connection: Connection;

beforeEach(async () => {
  fake = await fakeInfisical();
  connection = fake.connection;
});

describe("a call as the automation identity", () => {
  it("logs in once for calls that start together, and again for none of the later ones", async () => {
    await Promise.all([1, 2, 3, 4].map(() => authorized(connection, DETAILS)));
    await authorized(connection, DETAILS);
    expect(fake.count(LOGIN)).toBe(1);
    expect(fake.count("GET /api/v1/identities/details")).toBe(5);
  });

  it("logs in anew, once for all, when the token is refused meanwhile", async () => {
    await authorized(connection, DETAILS);
    fake.world.tokens.clear();
    await Promise.all([1, 2, 3, 4].map(() => authorized(connection, DETAILS)));
    expect(fake.count(LOGIN)).toBe(2);
  });

  it("does not log in anew when something is merely forbidden", async () => {
    await authorized(connection, DETAILS);
    fake.refuseNext("GET /api/v1/identities/details", new Refused(403, "PermissionDenied", "not allowed"));
    await expect(authorized(connection, DETAILS)).rejects.toThrow("403 PermissionDenied: not allowed");
    expect(fake.count(LOGIN)).toBe(1);
  });

  it("gives up when a fresh token is refused too", async () => {
    for (const _ of [1, 2]) {
      fake.refuseNext("GET /api/v1/identities/details", new Refused(403, "TokenError", "expired"));
    }
    await expect(authorized(connection, DETAILS)).rejects.toMatchObject({ status: 403, error: "TokenError" });
    expect(fake.count(LOGIN)).toBe(2);
  });

  it("does not keep a failed login", async () => {
    fake.refuseNext(LOGIN, new Refused(500, "InternalServerError", "Something went wrong"));
    await expect(authorized(connection, DETAILS)).rejects.toMatchObject({ status: 500 });
    await expect(authorized(connection, DETAILS)).resolves.toBeDefined();
  });

  it("says what to do when the credential is refused, without the secret", async () => {
    const wrong = { ...connection, clientSecret: "s3cret-wrong" };
    const told = await authorized(wrong, DETAILS).catch((thrown: Error) => thrown.message);
    expect(told).toMatch(/identity client-\d+ cannot log in to http.*: Invalid credentials\. .*`pulumi refresh`/);
    expect(told).not.toContain("s3cret");
    expect(
      JSON.stringify(Object.keys((globalThis as { infisicalTokens?: object }).infisicalTokens ?? {})),
    ).not.toContain("value-of");
  });

  it("keeps the tokens of two credentials apart", async () => {
    const wrong = { ...connection, clientSecret: "another" };
    await authorized(connection, DETAILS);
    await expect(authorized(wrong, DETAILS)).rejects.toThrow("cannot log in");
  });
});

describe("a credential", () => {
  it("works, or does not; what is neither is thrown", async () => {
    expect(await credentialWorks(connection)).toBe(true);
    expect(await credentialWorks({ ...connection, clientSecret: "wrong" })).toBe(false);
    fake.refuseNext(LOGIN, new Refused(500, "InternalServerError", "Something went wrong"));
    await expect(credentialWorks(connection)).rejects.toMatchObject({ status: 500 });
  });

  it("of a user's session goes with each call as it is", async () => {
    fake.world.tokens.add("user-token");
    await askWith(fake.url, { token: "user-token" })(DETAILS);
    expect(fake.received[0]?.headers.authorization).toBe("Bearer user-token");
    expect(fake.count(LOGIN)).toBe(0);
  });
});
