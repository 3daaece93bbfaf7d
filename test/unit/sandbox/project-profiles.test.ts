import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestApp, type Answer, type TestApp } from "./sandbox-app.js";

let server: TestApp;
let token: string;
let projectId: string;

/** A server with one project for the tests of one block. */
function serve(profile: string): void {
  beforeAll(async () => {
    server = await openTestApp({ SANDBOX_PROFILE: profile });
    const owner = { email: "admin@example.com", password: "Str0ng-Passw0rd!", organization: "Acme Corp" };
    const boot = await server.call("POST", "/api/v1/admin/bootstrap", { body: owner });
    token = String(boot.at("identity", "credentials", "token"));
    const project = await server.call("POST", "/api/v1/projects", {
      token,
      body: { projectName: "p", slug: "project" },
    });
    projectId = String(project.at("project", "id"));
  }, 60_000);
  afterAll(() => server.app.close());
}

/** Makes and deletes an environment, then makes it again. */
async function recreateEnvironment(): Promise<Answer> {
  const environments = `/api/v1/projects/${projectId}/environments`;
  const wanted = { token, body: { name: "QA", slug: "qa" } };
  const made = await server.call("POST", environments, wanted);
  await server.call("DELETE", `${environments}/${String(made.at("environment", "id"))}`, { token });
  return server.call("POST", environments, wanted);
}

async function createTenAtOnce(): Promise<number[]> {
  const body = { projectId, environment: "dev", secretValue: "v" };
  const calls = Array.from({ length: 10 }, () => server.call("POST", "/api/v4/secrets/RACE", { token, body }));
  return (await Promise.all(calls)).map(({ status }) => status).sort();
}

async function countOfRace(): Promise<number> {
  const url = `/api/v4/secrets?projectId=${projectId}&environment=dev`;
  const list = await server.call("GET", url, { token });
  return (list.at("secrets") as { secretKey: string }[]).filter(({ secretKey }) => secretKey === "RACE").length;
}

describe("profile v0.159.22", () => {
  serve("v0.159.22");

  it("frees the slug of a deleted environment and has no trace of it", async () => {
    const again = await recreateEnvironment();
    expect(again.status).toBe(200);
    expect(again.at("environment")).not.toHaveProperty("softDeletedAt");
    const project = await server.call("GET", `/api/v1/projects/${projectId}`, { token });
    expect(project.at("project")).not.toHaveProperty("deletedEnvironments");
  });

  it("keeps duplicates of a secret that is created several times at once", async () => {
    expect(await createTenAtOnce()).toEqual(Array(10).fill(200));
    expect(await countOfRace()).toBe(10);
  });

  it("takes project names of any length", async () => {
    const body = { projectName: "x".repeat(200), slug: "long-name" };
    expect((await server.call("POST", "/api/v1/projects", { token, body })).status).toBe(200);
  });
});

describe("profile recorded", () => {
  serve("recorded");

  it("keeps the slug of a deleted environment", async () => {
    const again = await recreateEnvironment();
    expect(again.status).toBe(400);
    expect(again.at("message")).toContain("held by a pending-deletion environment");
  });

  it("lets one of several creates of a secret through and refuses the others", async () => {
    const [first, ...others] = await createTenAtOnce();
    expect(first).toBe(200);
    // 500 for those that race with it, 400 for one that comes when it is there already.
    expect(others.filter((status) => status !== 500 && status !== 400)).toEqual([]);
    expect(await countOfRace()).toBe(1);
  });
});
