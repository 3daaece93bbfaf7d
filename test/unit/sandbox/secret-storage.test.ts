import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestApp, type TestApp } from "./sandbox-app.js";

let server: TestApp;
let token: string;
let place: Record<string, unknown>;

beforeAll(async () => {
  server = await openTestApp();
  const owner = { email: "admin@example.com", password: "Str0ng-Passw0rd!", organization: "Acme Corp" };
  const boot = await server.call("POST", "/api/v1/admin/bootstrap", { body: owner });
  token = String(boot.at("identity", "credentials", "token"));
  const project = await server.call("POST", "/api/v1/projects", { token, body: { projectName: "p", slug: "project" } });
  place = { projectId: project.at("project", "id"), environment: "dev", secretPath: "/" };
}, 60_000);
afterAll(() => server.app.close());

/** Everything that the tables of secrets hold, as text. */
async function storedText(): Promise<string> {
  const rows = await Promise.all(
    ["secrets", "secret_versions"].map((table) => server.sandbox.store.query(`select * from ${table}`)),
  );
  return JSON.stringify(rows);
}

it("keeps values and comments of secrets, also of old versions, out of the store in clear", async () => {
  const first = { ...place, secretValue: "clear-first", secretComment: "clear-comment" };
  await server.call("POST", "/api/v4/secrets/KEY", { token, body: first });
  await server.call("PATCH", "/api/v4/secrets/KEY", { token, body: { ...place, secretValue: "clear-second" } });
  const stored = await storedText();
  expect(stored).toContain("KEY");
  expect(stored).not.toContain("clear-");
});

it("changes nothing when one secret of a batch cannot be created", async () => {
  const create = (...keys: string[]) => {
    const secrets = keys.map((secretKey) => ({ secretKey, secretValue: "v" }));
    return server.call("POST", "/api/v4/secrets/batch", { token, body: { ...place, secrets } });
  };
  expect((await create("TAKEN")).status).toBe(200);
  expect((await create("NEW", "TAKEN")).status).toBe(400);
  const url = `/api/v4/secrets/NEW?projectId=${String(place["projectId"])}&environment=dev`;
  expect((await server.call("GET", url, { token })).status).toBe(404);
});

it("moves secrets along with a renamed folder and its sub-folders", async () => {
  const folder = { ...place, path: "/old", name: "sub" };
  await server.call("POST", "/api/v2/folders", { token, body: folder });
  const inSub = { ...place, secretPath: "/old/sub", secretValue: "v" };
  await server.call("POST", "/api/v4/secrets/DEEP", { token, body: inSub });
  const rename = { ...place, path: "/", name: "new" };
  expect((await server.call("PATCH", "/api/v2/folders/old", { token, body: rename })).status).toBe(200);
  const url = (path: string) =>
    `/api/v4/secrets/DEEP?projectId=${String(place["projectId"])}&environment=dev&secretPath=${path}`;
  expect((await server.call("GET", url("/new/sub"), { token })).status).toBe(200);
  expect((await server.call("GET", url("/old/sub"), { token })).status).toBe(404);
});

it("gives a secret of an imported folder by its own name, the last import first", async () => {
  for (const name of ["one", "two", "target"]) {
    await server.call("POST", "/api/v2/folders", { token, body: { ...place, path: "/", name } });
  }
  for (const name of ["one", "two"]) {
    const body = { ...place, secretPath: `/${name}`, secretValue: `of ${name}` };
    await server.call("POST", "/api/v4/secrets/SHARED", { token, body });
    const source = { ...place, path: "/target", import: { environment: "dev", path: `/${name}` } };
    await server.call("POST", "/api/v2/secret-imports", { token, body: source });
  }
  const url = `/api/v4/secrets/SHARED?projectId=${String(place["projectId"])}&environment=dev&secretPath=/target`;
  expect((await server.call("GET", url, { token })).at("secret")).toMatchObject({ secretValue: "of two" });
  expect((await server.call("GET", `${url}&includeImports=false`, { token })).status).toBe(404);
});
