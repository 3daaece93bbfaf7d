import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { CREDENTIALS, PROJECT_ID, Standin, broken, revoked } from "./standin.mjs";

const MAIN = fileURLToPath(new URL("../src/main.mjs", import.meta.url));

/** A stand-in server and a folder for the socket; both end with the test. */
async function world(t) {
  const server = await new Standin().start();
  const folder = mkdtempSync(join(tmpdir(), "sidecar-"));
  const socket = join(folder, "secrets.sock");
  const children = [];
  t.after(async () => {
    for (const child of children) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
    }
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  const start = (changes = {}) => {
    const child = spawn(process.execPath, [MAIN], {
      stdio: ["ignore", "ignore", "pipe"],
      env: {
        PATH: process.env.PATH,
        INFISICAL_HOST: server.host,
        INFISICAL_PROJECT_ID: PROJECT_ID,
        INFISICAL_CLIENT_ID: CREDENTIALS.clientId,
        INFISICAL_CLIENT_SECRET: CREDENTIALS.clientSecret,
        SIDECAR_SOCKET: socket,
        SIDECAR_REFRESH_SECONDS: "0.1",
        SIDECAR_MAX_STALE_SECONDS: "3600",
        SIDECAR_TIMEOUT_SECONDS: "0.5",
        ...changes,
      },
    });
    children.push(child);
    child.log = text(child.stderr);
    return child;
  };
  return { server, folder, socket, start };
}

/** One GET on the socket; undefined while nobody listens there. */
async function get(socket, path, method = "GET") {
  return await new Promise((resolve, reject) => {
    const sent = request({ socketPath: socket, path, method }, async (response) => {
      resolve({ status: response.statusCode, headers: response.headers, body: await text(response) });
    });
    sent.on("error", (error) => (["ENOENT", "ECONNREFUSED"].includes(error.code) ? resolve(undefined) : reject(error)));
    sent.end();
  });
}

/** Asks /health until it is as wished; 20 s at most. */
async function health(socket, wished) {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const answer = await get(socket, "/health");
    const report = answer && JSON.parse(answer.body);
    if (report && wished(report)) return report;
    assert.ok(performance.now() < deadline, `health stayed ${JSON.stringify(report)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const ended = async (child) => {
  if (child.exitCode === null) await once(child, "exit");
  return { code: child.exitCode, log: await child.log };
};

test("serves one value byte for byte, all as JSON, and shell lines, on a socket of mode 0600", async (t) => {
  const { server, socket, start } = await world(t);
  server.values = { ...server.values, ODD: "it's $HOME\n", "not-for-a-shell": "x" };
  server.imports = [{ SHARED: "imported", QDRANT_URL: "imported" }];
  start();
  await health(socket, ({ ok }) => ok);
  assert.equal(statSync(socket).mode & 0o777, 0o600);
  assert.equal((await get(socket, "/secrets/ODD")).body, "it's $HOME\n");
  assert.deepEqual(JSON.parse((await get(socket, "/secrets")).body), { SHARED: "imported", ...server.values });
  const lines = (await get(socket, "/env")).body;
  assert.match(lines, /^OPENAI_API_KEY='sk-proj-0123456789abcdef'$/m);
  assert.doesNotMatch(lines, /not-for-a-shell/);
  const shell = spawn("sh", ["-c", `${lines}\nprintf %s "$ODD"`], { stdio: ["ignore", "pipe", "inherit"] });
  assert.equal(await text(shell.stdout), "it's $HOME\n");
});

test("a rotated value is served after the next refresh, and whoever waits for the change is told", async (t) => {
  const { server, socket, start } = await world(t);
  start();
  const { version } = await health(socket, ({ ok }) => ok);
  const waiting = get(socket, `/secrets?not=${version}&wait=20`);
  server.values = { ...server.values, OPENAI_API_KEY: "rotated" };
  const answer = await waiting;
  assert.equal(JSON.parse(answer.body).OPENAI_API_KEY, "rotated");
  assert.notEqual(answer.headers["x-secrets-version"], version);
});

test("an unchanged folder is answered with 304, and an expired token leads to one new login", async (t) => {
  const { server, socket, start } = await world(t);
  start();
  await health(socket, ({ ok }) => ok);
  server.expireTokens();
  await until(
    () =>
      server.statuses("POST").length === 2 &&
      server
        .statuses("GET")
        .slice(-2)
        .every((s) => s === 304),
  );
  assert.deepEqual(server.statuses("GET").filter((status) => status === 403).length, 1);
  assert.equal((await health(socket, () => true)).reason, "");
});

test("with the server away the last good values are served and every answer says so; then it recovers", async (t) => {
  const { server, socket, start } = await world(t);
  const child = start();
  await health(socket, ({ ok }) => ok);
  await server.stop();
  const report = await health(socket, ({ stale }) => stale);
  assert.match(report.reason, /no answer from .*ECONNREFUSED/);
  const answer = await get(socket, "/secrets/OPENAI_API_KEY");
  assert.deepEqual([answer.status, answer.body], [200, server.values.OPENAI_API_KEY]);
  assert.equal(answer.headers["x-secrets-stale"], "true");
  await server.start();
  await health(socket, ({ stale, reason }) => !stale && reason === "");
  child.kill("SIGTERM");
  assert.match((await ended(child)).log, /Serving the last good values for 3600 s at most[\s\S]*values are fresh/);
});

test("last good values end after the bound", async (t) => {
  const { server, socket, start } = await world(t);
  start({ SIDECAR_MAX_STALE_SECONDS: "0.5" });
  await health(socket, ({ ok }) => ok);
  server.fault = broken;
  await health(socket, ({ ok }) => !ok);
  const answer = await get(socket, "/secrets/OPENAI_API_KEY");
  assert.equal(answer.status, 503);
  assert.match(answer.body, /answered 500/);
});

test("a server that hangs counts as away", async (t) => {
  const { server, socket, start } = await world(t);
  start();
  await health(socket, ({ ok }) => ok);
  server.hang = 5_000;
  assert.match((await health(socket, ({ stale }) => stale)).reason, /no answer .*nothing within the time limit/);
});

test("a revoked identity gets nothing from the cache", async (t) => {
  const { server, socket, start } = await world(t);
  start();
  await health(socket, ({ ok }) => ok);
  server.fault = revoked;
  await health(socket, ({ ok }) => !ok);
  assert.equal((await get(socket, "/secrets")).status, 503);
  assert.equal((await get(socket, "/env")).status, 503);
});

test("waits for a server that is not there yet", async (t) => {
  const { server, socket, start } = await world(t);
  await server.stop();
  start();
  await health(socket, ({ ok, reason }) => !ok && /no answer/.test(reason));
  await server.start();
  await health(socket, ({ ok }) => ok);
});

test("SIGTERM ends it with 0 and removes the socket; no secret is in its log", async (t) => {
  const { server, socket, start } = await world(t);
  const child = start();
  // More refreshes than the listeners that Node allows before it warns of a leak.
  await until(() => server.statuses("GET").length >= 15);
  child.kill("SIGTERM");
  const { code, log } = await ended(child);
  assert.equal(code, 0);
  assert.doesNotMatch(log, /Warning/);
  assert.equal(existsSync(socket), false);
  for (const secret of [...Object.values(server.values), CREDENTIALS.clientSecret]) assert.ok(!log.includes(secret));
});

test("a socket left by a killed sidecar is taken over; one that is served is not", async (t) => {
  const { socket, start } = await world(t);
  const first = start();
  await health(socket, ({ ok }) => ok);
  const second = await ended(start());
  assert.deepEqual([second.code, /another process serves it/.test(second.log)], [1, true]);
  first.kill("SIGKILL");
  await ended(first).catch(() => undefined);
  assert.equal(existsSync(socket), true);
  start();
  await health(socket, ({ ok }) => ok);
});

test("a file or a link in the place of the socket is refused and left as it is", async (t) => {
  const { folder, socket, start } = await world(t);
  const precious = join(folder, "precious");
  writeFileSync(precious, "x");
  symlinkSync(precious, socket);
  const { code, log } = await ended(start());
  assert.deepEqual([code, /something that is no socket is there/.test(log)], [1, true]);
  assert.equal(existsSync(precious), true);
});

test("unknown names, unknown routes and other methods are told apart", async (t) => {
  const { socket, start } = await world(t);
  start();
  await health(socket, ({ ok }) => ok);
  assert.equal((await get(socket, "/secrets/NOPE")).status, 404);
  assert.equal((await get(socket, "/nope")).status, 404);
  assert.equal((await get(socket, "/secrets", "DELETE")).status, 405);
  assert.equal((await get(socket, "//")).status, 400);
  assert.equal((await get(socket, "/secrets/%E0%A4%A")).status, 404);
  assert.equal((await get(socket, "/health")).status, 200);
});

const BAD_INPUT = [
  [
    "wrong credentials",
    { INFISICAL_CLIENT_SECRET: "wrong-one" },
    /Cannot log in as client .*401 "Invalid credentials"/,
  ],
  ["nothing set", { INFISICAL_CLIENT_ID: "" }, /INFISICAL_CLIENT_ID not set/],
  ["no address", { INFISICAL_HOST: "localhost:8080" }, /must start with http/],
  ["no folder for the socket", { SIDECAR_SOCKET: "/nosuch/x.sock" }, /there is no folder '\/nosuch'/],
  ["a refresh of zero", { SIDECAR_REFRESH_SECONDS: "0" }, /SIDECAR_REFRESH_SECONDS is '0'/],
  ["a bound below the refresh", { SIDECAR_MAX_STALE_SECONDS: "0.01" }, /must not be below/],
];

for (const [name, changes, message] of BAD_INPUT) {
  test(`${name}: exit code 1 and one error line`, async (t) => {
    const { start } = await world(t);
    const { code, log } = await ended(start(changes));
    assert.equal(code, 1);
    assert.match(log, message);
    assert.match(log, /\nerror: [^\n]+\n$|^error: [^\n]+\n$/);
    assert.doesNotMatch(log, /wrong-one|\n {4}at /);
  });
}

test("a forbidden folder is an error although the server lists it as empty", async (t) => {
  const { server, start } = await world(t);
  server.allowed = false;
  const { code, log } = await ended(start());
  assert.deepEqual([code, /403 "You are not allowed/.test(log)], [1, true]);
});

test("an occupied socket of another kind of server is refused too", async (t) => {
  const { socket, start } = await world(t);
  const other = createServer().listen(socket);
  t.after(() => other.close());
  await once(other, "listening");
  assert.equal((await ended(start())).code, 1);
});

async function until(condition) {
  const deadline = performance.now() + 20_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, "the condition did not come true in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
