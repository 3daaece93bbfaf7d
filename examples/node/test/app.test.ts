import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { until, world } from "./fixtures.js";
import { type Answer, CLIENT_ID, CLIENT_SECRET, PROJECT_ID, type Standin, VALUES, refusal } from "./standin.js";

const APP = fileURLToPath(new URL("../src/app.ts", import.meta.url));

interface Done {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(server: Standin, args: readonly string[], changes: Record<string, string> = {}): Promise<Done> {
  const child = spawn(process.execPath, ["--import", "tsx", APP, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      INFISICAL_HOST: server.host,
      INFISICAL_PROJECT_ID: PROJECT_ID,
      INFISICAL_CLIENT_ID: CLIENT_ID,
      INFISICAL_CLIENT_SECRET: CLIENT_SECRET,
      INFISICAL_ENV: "dev",
      INFISICAL_PATH: "/openai-rag",
      ...changes,
    },
  });
  const ended = once(child, "close");
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await ended;
  return { code: child.exitCode, stdout, stderr };
}

test("the JSON report has four masked values and the refusal", async (t) => {
  const { server } = await world(t);
  const done = await run(server, ["--json"]);
  assert.equal(done.code, 0, done.stderr);
  const report = JSON.parse(done.stdout) as { read: number; masked: Record<string, string>; denied: boolean };
  assert.deepEqual([report.read, report.denied], [4, true]);
  assert.deepEqual(Object.keys(report.masked), Object.keys(VALUES));
  for (const value of Object.values(VALUES)) assert.ok(!done.stdout.includes(value));
});

test("the text report ends with one line of figures", async (t) => {
  const { server } = await world(t);
  const { stdout } = await run(server, []);
  assert.match(stdout, /read 4 of 4 from dev:\/openai-rag; a read of \/ was refused\n$/);
});

test("an identity that may read more is told by exit code 3", async (t) => {
  const { server } = await world(t);
  server.allowed.add("/");
  assert.equal((await run(server, ["--json"])).code, 3);
});

const expired = refusal(401, "UnauthorizedError", "Access denied due to expired client secret");
const locked = refusal(
  401,
  "UnauthorizedError",
  "This identity auth method is temporarily locked, please try again later",
);

const badInput: readonly [string, Record<string, string>, Answer | undefined, RegExp][] = [
  [
    "wrong credentials",
    { INFISICAL_CLIENT_SECRET: "0".repeat(64) },
    undefined,
    /log in as .*Check INFISICAL_CLIENT_ID/,
  ],
  ["expired client secret", {}, expired, /log in as .*make a new one/],
  ["locked out", {}, locked, /log in as .*wait 5 minutes/],
  ["wrong project", { INFISICAL_PROJECT_ID: "00000000" }, undefined, /in project 00000000.*INFISICAL_PROJECT_ID/],
  ["wrong path", { INFISICAL_PATH: "/nosuch" }, undefined, /path '\/nosuch'.*Check INFISICAL_ENV/],
  ["wrong environment", { INFISICAL_ENV: "prod" }, undefined, /environment 'prod'.*Check INFISICAL_ENV/],
  ["forbidden path", { INFISICAL_PATH: "/other" }, undefined, /path '\/other'.*has no grant/],
  ["server away", { INFISICAL_HOST: "http://127.0.0.1:1" }, undefined, /no answer from.*INFISICAL_HOST is right/],
  ["no address", { INFISICAL_HOST: "localhost:8080" }, undefined, /must start with http/],
  ["nothing set", { INFISICAL_CLIENT_ID: "" }, undefined, /INFISICAL_CLIENT_ID not set/],
  ["no such file", { INFISICAL_CLIENT_SECRET_FILE: "/nosuch" }, undefined, /Cannot read INFISICAL_CLIENT_SECRET_FILE/],
];

for (const [name, changes, loginRefusal, message] of badInput) {
  test(`${name}: one message, exit code 1, no stack trace, no secret`, async (t) => {
    const { server } = await world(t);
    server.loginRefusal = loginRefusal;
    const done = await run(server, [], changes);
    assert.deepEqual([done.code, done.stdout], [1, ""]);
    assert.match(done.stderr, /^error: [^\n]+\n$/);
    assert.match(done.stderr, message);
    assert.ok(!done.stderr.includes(CLIENT_SECRET));
  });
}

test("a server that hangs up at once is told, as Docker's proxy does while the server boots", async (t) => {
  const { server } = await world(t);
  const proxy = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  t.after(() => proxy.close());
  await once(proxy, "listening");
  const { port } = proxy.address() as AddressInfo;
  const done = await run(server, [], { INFISICAL_HOST: `http://127.0.0.1:${port}` });
  assert.deepEqual([done.code, done.stdout], [1, ""]);
  assert.match(done.stderr, /^error: [^\n]*no answer from [^\n]+\n$/);
});

test("wrong usage is exit code 2", async (t) => {
  const { server } = await world(t);
  assert.equal((await run(server, ["--jsn"])).code, 2);
});

test("the worker ends cleanly on SIGTERM with its figures", async (t) => {
  const { server } = await world(t);
  const worker = fileURLToPath(new URL("../src/worker.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", worker, "--every", "0.01", "--max-age", "0.2", "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: process.env["PATH"],
      INFISICAL_HOST: server.host,
      INFISICAL_PROJECT_ID: PROJECT_ID,
      INFISICAL_CLIENT_ID: CLIENT_ID,
      INFISICAL_CLIENT_SECRET: CLIENT_SECRET,
    },
  });
  t.after(() => child.kill("SIGKILL"));
  const ended = once(child, "close");
  await until(() => server.count("GET /api/v3") >= 3);
  child.kill("SIGTERM");
  const figures = JSON.parse(await text(child.stdout)) as { reads: number; failed: number };
  await ended;
  assert.deepEqual([child.exitCode, figures.failed, figures.reads > 0], [0, 0, true]);
});
