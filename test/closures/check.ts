import { readdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire, isBuiltin } from "node:module";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";
import { brokenProviders } from "./broken-providers";
import { samples, SECRET, type Sample } from "./samples";

type Provider = pulumi.dynamic.ResourceProvider;

export interface KindReport {
  kind: string;
  /** Characters of the serialised provider. */
  characters: number;
  /** What it requires when it runs. */
  requires: string[];
  /** What is wrong, in words; nothing = it survives. */
  problems: string[];
}

export interface Report {
  kinds: KindReport[];
  /** Providers that break a rule: where one of them has no problem here, the check itself is broken. */
  mustFail: KindReport[];
  seconds: number;
}

const RESOURCES = resolve(__dirname, "..", "..", "infra", "resources");
/** What the test server says to everything but a login; it must come through to the message of the provider. */
const REFUSAL = "418 Teapot: short and stout";

/** Serialises the provider of every resource of the program, revives it as the engine does, and lets it call out. */
export async function checkProviders(): Promise<Report> {
  const started = Date.now();
  const server = await startTeapot();
  const made = samples(server.url);
  const kinds: KindReport[] = [];
  for (const kind of kindsOfProgram()) {
    const sample = made[kind];
    const missing = {
      kind,
      characters: 0,
      requires: [],
      problems: ["there is no sample of it in test/closures/samples.ts"],
    };
    kinds.push(sample === undefined ? missing : await checkKind(kind, sample, server));
  }
  const mustFail: KindReport[] = [];
  for (const [rule, provider] of Object.entries(brokenProviders)) mustFail.push(await checkBroken(rule, provider));
  server.close();
  return { kinds, mustFail, seconds: Math.round((Date.now() - started) / 100) / 10 };
}

/** Names of all resource classes in infra/resources. */
function kindsOfProgram(): string[] {
  const load = createRequire(__filename);
  return readdirSync(RESOURCES).flatMap((file) => {
    const exported = load(join(RESOURCES, file.replace(/\.ts$/, ""))) as { [name: string]: unknown };
    return Object.entries(exported)
      .filter(([name, value]) => name !== "DynamicResource" && isResourceClass(value))
      .map(([name]) => name);
  });
}

function isResourceClass(value: unknown): boolean {
  return typeof value === "function" && value.prototype instanceof pulumi.CustomResource;
}

async function checkKind(kind: string, sample: Sample, server: Teapot): Promise<KindReport> {
  try {
    const { stored, inputs } = await registered(sample);
    return await checkText(kind, stored, async (provider) => {
      const before = server.calls();
      await callEverything(provider, inputs, sample);
      if (sample.callsOut !== false && server.calls() === before) throw new Error("no call came to the server");
    });
  } catch (thrown) {
    return notSerialised(kind, thrown);
  }
}

function notSerialised(kind: string, thrown: unknown): KindReport {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return { kind, characters: 0, requires: [], problems: [`cannot be serialised: ${reason}`] };
}

/** Registers the resource under mocks. @returns its provider as it is stored, and its other inputs. */
async function registered(sample: Sample) {
  let inputs: { [name: string]: unknown } = {};
  await pulumi.runtime.setMocks({
    call: () => ({}),
    newResource: (args) => {
      inputs = args.inputs as typeof inputs;
      return { id: "id", state: {} };
    },
  });
  // A provider that is refused by the serialiser shows nowhere else.
  await new Promise((done, failed) => {
    process.once("unhandledRejection", failed);
    sample.make().urn.apply(done);
  });
  process.removeAllListeners("unhandledRejection");
  const { __provider, ...rest } = inputs;
  return { stored: String(__provider), inputs: inClear(rest) };
}

async function checkBroken(rule: string, provider: Provider): Promise<KindReport> {
  try {
    const { text } = await pulumi.runtime.serializeFunction(() => provider);
    return await checkText(rule, text, async (revived) => {
      await revived.create({});
    });
  } catch (thrown) {
    return notSerialised(rule, thrown);
  }
}

async function checkText(
  kind: string,
  stored: string,
  use: (provider: Provider) => Promise<void>,
): Promise<KindReport> {
  const text = unpacked(stored);
  const requires = [...new Set([...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name = ""]) => name))].sort();
  const problems = [
    ...requires.filter((name) => !isBuiltin(name) && name !== "zod").map((name) => `requires ${name}`),
    ...(text.includes(SECRET) ? ["holds a secret"] : []),
  ];
  try {
    await use(revive(stored));
  } catch (thrown) {
    problems.push(`does not run when revived: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
  return { kind, characters: text.length, requires, problems };
}

/** The serialised provider inside of a packed one; together with its wrapping, so that nothing hides in that. */
function unpacked(stored: string): string {
  const [, code] = /brotliDecompressSync\(Buffer\.from\("([^"]+)"/.exec(stored) ?? [];
  if (code === undefined) return stored;
  return stored.replace(code, "") + brotliDecompressSync(Buffer.from(code, "base64")).toString();
}

/** As Pulumi's own provider process does it. */
function revive(stored: string): Provider {
  const requireFromString = createRequire(require.resolve("@pulumi/pulumi/package.json"))("require-from-string") as (
    code: string,
  ) => { handler: () => Provider };
  return requireFromString(stored).handler();
}

async function callEverything(provider: Provider, inputs: { [name: string]: unknown }, sample: Sample): Promise<void> {
  const checked = await provider.check?.({}, inputs);
  const news = checked?.inputs as { [name: string]: unknown };
  const state = { ...news, ...sample.outputs, complete: true };
  await provider.diff?.("id", state, news);
  if (sample.callsOut === false) {
    await provider.read?.("id", state);
    return;
  }
  await refused("create", () => provider.create(news));
  await refused("update", async () => provider.update?.("id", state, news));
  await refused("read", async () => provider.read?.("id", state));
  if (sample.deletes !== false) await refused("delete", async () => provider.delete?.("id", state));
}

/** The server refuses everything; the provider's message has to say so. */
async function refused(act: string, run: () => Promise<unknown>): Promise<void> {
  const message = await run().then(
    () => "nothing",
    (thrown: Error) => thrown.message,
  );
  if (!message.startsWith(`could not ${act} `) || !message.includes(REFUSAL))
    throw new Error(`${act} said: ${message}`);
}

interface Teapot {
  url: string;
  calls: () => number;
  close: () => void;
}

/** Lets everybody log in, and refuses everything else. */
async function startTeapot(): Promise<Teapot> {
  let calls = 0;
  const server: Server = createServer((request, response) => {
    calls += 1;
    const login = request.url?.endsWith("/universal-auth/login") === true;
    response.writeHead(login ? 200 : 418, { "content-type": "application/json" });
    response.end(JSON.stringify(login ? { accessToken: "token" } : { error: "Teapot", message: "short and stout" }));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, calls: () => calls, close: () => server.close() };
}

function inClear(value: { [name: string]: unknown }): { [name: string]: unknown } {
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && "4dabf18193072939515e22adb298388d" in inner
      ? (inner as { value?: unknown }).value
      : inner,
  ) as { [name: string]: unknown };
}
