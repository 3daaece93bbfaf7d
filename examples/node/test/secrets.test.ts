import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  AccessDeniedError,
  CredentialsError,
  PathNotFoundError,
  SecretNotFoundError,
  ServerAwayError,
  SettingsError,
  TokenRejectedError,
  UnexpectedAnswerError,
} from "../src/errors.js";
import { SecretsClient, mask } from "../src/secrets.js";
import { settingsFromEnvironment } from "../src/settings.js";
import { until, world } from "./fixtures.js";
import { CLIENT_ID, CLIENT_SECRET, EXPIRED, PROJECT_ID, VALUES, refusal } from "./standin.js";

const KEY = "OPENAI_API_KEY";

test("four keys cost one login and one read, also when they are asked for at once", async (t) => {
  const { server, client } = await world(t);
  const secrets = client();
  const values = await Promise.all(Object.keys(VALUES).map((key) => secrets.get(key)));
  assert.deepEqual(values, Object.values(VALUES));
  assert.deepEqual([server.count("POST"), server.count("GET /api/v3")], [1, 1]);
});

test("a rotated value is served old for maxAge and no longer, and refresh sees it at once", async (t) => {
  const { server, clock, client } = await world(t);
  const secrets = client({ maxAge: 30_000 });
  await secrets.listAll();
  server.folders["/openai-rag"] = { ...VALUES, [KEY]: "second" };
  clock.passBy(30_000);
  assert.equal(await secrets.get(KEY), VALUES[KEY]);
  clock.passBy(1);
  assert.equal(await secrets.get(KEY), "second");
  server.folders["/openai-rag"] = { ...VALUES, [KEY]: "third" };
  await secrets.refresh();
  assert.equal(await secrets.get(KEY), "third");
});

test("a secret younger than the cache is found", async (t) => {
  const { server, client } = await world(t);
  const secrets = client();
  await secrets.listAll();
  server.folders["/openai-rag"] = { ...VALUES, NEW: "just made" };
  assert.equal(await secrets.get("NEW"), "just made");
});

test("own values win over imports, and later imports over earlier ones", async (t) => {
  const { server, client } = await world(t);
  server.imports = [{ A: "first", B: "first", QDRANT_URL: "imported" }, { B: "second" }];
  const values = await client().listAll();
  assert.deepEqual([values.get("A"), values.get("B")], ["first", "second"]);
  assert.equal(values.get("QDRANT_URL"), VALUES["QDRANT_URL"]);
});

test("a missing name, a forbidden folder and a missing folder are three different errors", async (t) => {
  const { client } = await world(t);
  const secrets = client();
  await assert.rejects(secrets.get("NOPE"), SecretNotFoundError);
  await assert.rejects(secrets.get(KEY, { path: "/" }), AccessDeniedError);
  await assert.rejects(secrets.get(KEY, { path: "/nosuch" }), PathNotFoundError);
});

test("a forbidden folder is an error although the server lists it as empty; an empty one is said", async (t) => {
  const { server, client, warnings } = await world(t);
  server.folders["/openai-rag"] = {};
  assert.equal((await client().listAll()).size, 0);
  assert.match(warnings.join("\n"), /No secret in environment 'dev', path '\/openai-rag'/);
  server.allowed.clear();
  await assert.rejects(client().listAll(), AccessDeniedError);
});

test("a hidden value is refused and not handed over as text", async (t) => {
  const { server, client } = await world(t);
  server.hidden = true;
  await assert.rejects(client().get(KEY), /readValue/);
});

test("an expired token leads to one new login and the value", async (t) => {
  const { server, client } = await world(t);
  const secrets = client();
  await secrets.listAll();
  server.expireTokens();
  assert.equal(await secrets.get(KEY, { path: "/openai-rag" }), VALUES[KEY]);
  assert.equal(server.count("POST"), 2);
});

test("readers that are rejected together share one new login", async (t) => {
  const { server, client } = await world(t);
  const secrets = client();
  await secrets.listAll();
  server.expireTokens();
  await Promise.all(Object.keys(VALUES).map((key) => secrets.get(key, { path: "/openai-rag" })));
  assert.equal(server.count("POST"), 2);
});

test("permission denied never leads to a login", async (t) => {
  const { server, client } = await world(t);
  const secrets = client();
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await assert.rejects(secrets.get(KEY, { path: "/" }), AccessDeniedError);
  }
  assert.equal(server.count("POST"), 1);
});

test("a token that is rejected right after the login is not tried for ever", async (t) => {
  const { server, client } = await world(t);
  server.readFault = EXPIRED;
  await assert.rejects(client().listAll(), TokenRejectedError);
  assert.equal(server.count("POST"), 2);
});

test("a client secret in a file is read again at every login", async (t) => {
  const { server } = await world(t);
  const folder = mkdtempSync(join(tmpdir(), "rag-secrets-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "client-secret");
  writeFileSync(file, `${CLIENT_SECRET}\n`);
  const secrets = new SecretsClient(
    settingsFromEnvironment({
      INFISICAL_HOST: server.host,
      INFISICAL_PROJECT_ID: PROJECT_ID,
      INFISICAL_CLIENT_ID: CLIENT_ID,
      INFISICAL_CLIENT_SECRET_FILE: file,
    }),
  );
  await secrets.listAll();
  writeFileSync(file, "rotated away");
  server.expireTokens();
  await assert.rejects(secrets.refresh(), CredentialsError);
  writeFileSync(file, CLIENT_SECRET);
  await secrets.refresh();
  // As `npm run rotate -- ... --env-file` publishes it.
  writeFileSync(file, `OTHER=1\nINFISICAL_CLIENT_ID=${CLIENT_ID}\nINFISICAL_CLIENT_SECRET=${CLIENT_SECRET}\nLAST=2\n`);
  server.expireTokens();
  await secrets.refresh();
  writeFileSync(file, "INFISICAL_CLIENT_SECRET=rotated away\n");
  server.expireTokens();
  await assert.rejects(secrets.refresh(), CredentialsError);
});

test("last good values are served while the server is away, it says so, and it recovers", async (t) => {
  const { server, clock, client, warnings } = await world(t);
  const secrets = client({ maxAge: 30_000, maxStale: 600_000 });
  await secrets.listAll();
  await server.stop();
  clock.passBy(100_000);
  assert.equal(await secrets.get(KEY), VALUES[KEY]);
  assert.match(warnings.at(-1) ?? "", /Serving the last good values, 100 s old \(allowed: 600 s\)/);
  assert.equal(secrets.freshness().stale, true);
  await server.start();
  server.folders["/openai-rag"] = { ...VALUES, [KEY]: "rotated meanwhile" };
  clock.passBy(5_000);
  assert.equal(await secrets.get(KEY), "rotated meanwhile");
  assert.match(warnings.at(-1) ?? "", /answers again/);
  assert.equal(secrets.freshness().stale, false);
});

test("values older than maxStale are not served, between two tries either", async (t) => {
  const { server, clock, client } = await world(t);
  const secrets = client({ maxAge: 30_000, maxStale: 600_000 });
  await secrets.listAll();
  await server.stop();
  clock.passBy(598_000);
  await secrets.get(KEY);
  clock.passBy(3_000);
  await assert.rejects(secrets.get(KEY), /older than the 600 s allowed/);
  clock.passBy(10_000);
  await assert.rejects(secrets.get(KEY), ServerAwayError);
});

test("an absent server is not asked at every get", async (t) => {
  const { server, clock, client } = await world(t);
  const secrets = client({ maxAge: 30_000 });
  await secrets.listAll();
  server.readFault = refusal(500, "IdAccessTokenFindOne", "Something went wrong");
  clock.passBy(31_000);
  const before = server.count("GET /api/v3");
  for (let read = 0; read < 50; read += 1) await secrets.get(KEY);
  assert.equal(server.count("GET /api/v3"), before + 1);
});

test("old values never cover a refusal", async (t) => {
  const { server, clock, client } = await world(t);
  const secrets = client({ maxAge: 30_000 });
  await secrets.listAll();
  server.expireTokens();
  server.loginRefusal = refusal(401, "UnauthorizedError", "Invalid credentials");
  clock.passBy(31_000);
  await assert.rejects(secrets.get(KEY), CredentialsError);
});

test("without an earlier read an absent server is an error in much less than the SDK's 15 seconds", async (t) => {
  const { server, client } = await world(t);
  await server.stop();
  const begun = performance.now();
  await assert.rejects(client().get(KEY), /no answer from .*ECONNREFUSED.* Check that the server runs/);
  assert.ok(performance.now() - begun < 2_000);
});

test("a server that takes the request and says nothing is given up after the timeout", async (t) => {
  const { server, client } = await world(t);
  server.hang = 5_000;
  const begun = performance.now();
  await assert.rejects(client({ timeout: 300 }).get(KEY), /no answer from .* \(nothing within 0\.3 s\)/);
  assert.ok(performance.now() - begun < 2_000);
});

test("a web page in place of Infisical is named as such", async (t) => {
  const { server, client } = await world(t);
  server.html = true;
  await assert.rejects(client().get(KEY), UnexpectedAnswerError);
});

test("a worker with background renewal has no failed read through expiries and a rotation", async (t) => {
  const { server, client } = await world(t);
  server.tokenTtl = 1;
  const secrets = client({ maxAge: 200, now: () => performance.now() });
  secrets.startRenewal();
  const seen = new Set<string>();
  await until(async () => {
    seen.add(await secrets.get(KEY));
    if (server.count("POST") === 2) server.folders["/openai-rag"] = { ...VALUES, [KEY]: "rotated" };
    return server.count("POST") >= 4 && seen.has("rotated");
  });
  assert.deepEqual([...seen], [VALUES[KEY], "rotated"]);
});

test("parallel readers survive tokens that are used up all the time", async (t) => {
  const { server, client } = await world(t);
  server.readsPerToken = 7;
  const secrets = client({ maxAge: 0, now: () => performance.now() });
  const read = async (): Promise<void> => {
    for (let round = 0; round < 25; round += 1) await secrets.get(KEY, { path: "/openai-rag" });
  };
  await Promise.all(Array.from({ length: 4 }, read));
  assert.ok(server.count("POST") >= 100 / 7);
});

test("close ends the background renewal", async (t) => {
  const { server, client } = await world(t);
  const secrets = client({ maxAge: 50, now: () => performance.now() });
  secrets.startRenewal();
  await until(() => server.count("GET /api/v3") >= 2);
  await secrets.close();
  const after = server.count("GET");
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(server.count("GET"), after);
});

test("a mask shows little of long values and nothing of short ones", () => {
  assert.equal(mask("sk-proj-0123456789abcdef"), "sk-p…(24 characters)");
  assert.equal(mask("gpt-4o-mini"), "…(11 characters)");
  assert.equal(mask("x"), "…(1 character)");
});

test("settings name every missing variable and refuse a host that is no address", () => {
  assert.throws(
    () => settingsFromEnvironment({}),
    /INFISICAL_PROJECT_ID, INFISICAL_CLIENT_ID, INFISICAL_CLIENT_SECRET not set/,
  );
  const rest = { INFISICAL_PROJECT_ID: "p", INFISICAL_CLIENT_ID: "c", INFISICAL_CLIENT_SECRET: "s" };
  for (const host of ["localhost:8080", "ftp://x", "nonsense"]) {
    assert.throws(() => settingsFromEnvironment({ ...rest, INFISICAL_HOST: host }), SettingsError);
  }
  assert.equal(
    settingsFromEnvironment({ ...rest, INFISICAL_HOST: "https://a.example/api/" }).host,
    "https://a.example",
  );
});
