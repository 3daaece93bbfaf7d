import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestApp, type TestApp } from "./sandbox-app.js";

let server: TestApp;
let admin: string;

const PASSWORD = "Str0ng-Passw0rd!";
const bootstrap = { email: "admin@example.com", password: PASSWORD, organization: "Acme Corp" };

/** A bootstrapped server for the tests of one block. */
function serve(environment: Record<string, string>): void {
  beforeAll(async () => {
    server = await openTestApp(environment);
    const answer = await server.call("POST", "/api/v1/admin/bootstrap", { body: bootstrap });
    admin = String(answer.at("identity", "credentials", "token"));
  }, 60_000);
  afterAll(() => server.app.close());
}

const login = (): Promise<{ status: number }> =>
  server.call("POST", "/api/v3/auth/login", { body: { email: bootstrap.email, password: PASSWORD } });

describe("profile v0.159.22", () => {
  serve({});

  it("makes an administrator by bootstrap who cannot log in, and a token that never ends", async () => {
    expect((await login()).status).toBe(400);
    expect((await server.call("GET", "/api/v1/projects", { token: admin })).status).toBe(200);
    const claims = JSON.parse(Buffer.from(admin.split(".")[1] ?? "", "base64url").toString()) as object;
    expect(claims).not.toHaveProperty("exp");
  });

  it("deletes a token that is renewed past its max TTL, and keeps tokens of a revoked client secret", async () => {
    const machine = await machineLogin();
    await revokeSecret(machine);
    expect((await server.call("GET", "/api/v1/projects", { token: machine.token })).status).toBe(200);
    const renewed = await server.call("POST", "/api/v1/auth/token/renew", { body: { accessToken: machine.token } });
    expect(renewed.at("message")).toBe("Failed to renew MI access token past its Max TTL expiration");
    const after = await server.call("GET", "/api/v1/projects", { token: machine.token });
    expect(after).toMatchObject({ status: 401, body: { message: "No identity access token found" } });
  });
});

describe("profile recorded", () => {
  serve({ SANDBOX_PROFILE: "recorded" });

  it("makes an administrator by bootstrap who can log in", async () => {
    expect((await login()).status).toBe(200);
  });

  it("ends the tokens of a revoked client secret at once, and shrinks a renewal to what is left", async () => {
    const machine = await machineLogin();
    const renewed = await server.call("POST", "/api/v1/auth/token/renew", { body: { accessToken: machine.token } });
    expect(renewed.status).toBe(200);
    expect(renewed.at("expiresIn")).toBeLessThan(3600);
    await revokeSecret(machine);
    const after = await server.call("GET", "/api/v1/projects", { token: machine.token });
    expect(after).toMatchObject({
      status: 401,
      body: { message: "Failed to authorize: client secret has been revoked" },
    });
  });
});

describe("profile recorded with a cut-off date", () => {
  serve({ SANDBOX_PROFILE: "recorded", LEGACY_IDENTITY_ACCESS_TOKEN_EXPIRATION_ENFORCED_AT: "2026-05-04" });

  it("refuses tokens without end once that date and 90 days are over", async () => {
    const answer = await server.call("GET", "/api/v1/projects", { token: admin });
    expect(answer.status).toBe(401);
    expect(answer.at("message")).toContain("exceeded max age");
  });
});

interface Machine {
  readonly base: string;
  readonly secretId: string;
  readonly token: string;
}

async function machineLogin(): Promise<Machine> {
  const details = await server.call("GET", "/api/v1/identities/details", { token: admin });
  const identity = { name: "machine", organizationId: details.at("identityDetails", "organization", "id") };
  const made = await server.call("POST", "/api/v1/identities", { token: admin, body: identity });
  const base = `/api/v1/auth/universal-auth/identities/${String(made.at("identity", "id"))}`;
  const life = { accessTokenTTL: 3600, accessTokenMaxTTL: 3600 };
  const attached = await server.call("POST", base, { token: admin, body: life });
  const secret = await server.call("POST", `${base}/client-secrets`, { token: admin, body: {} });
  const credentials = {
    clientId: attached.at("identityUniversalAuth", "clientId"),
    clientSecret: secret.at("clientSecret"),
  };
  const session = await server.call("POST", "/api/v1/auth/universal-auth/login", { body: credentials });
  return {
    base,
    secretId: String(secret.at("clientSecretData", "id")),
    token: String(session.at("accessToken")),
  };
}

const revokeSecret = (machine: Machine): Promise<unknown> =>
  server.call("POST", `${machine.base}/client-secrets/${machine.secretId}/revoke`, { token: admin, body: {} });
