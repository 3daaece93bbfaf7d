import { randomBytes } from "node:crypto";
import { createApp } from "../../sandbox/http/app.js";
import { openSandbox, type Sandbox } from "../../sandbox/sandbox.js";
import { readSettings } from "../../sandbox/settings.js";

/** A sandbox inside this process, emptied in a moment instead of started anew. */
export interface OpenSandbox {
  readonly url: string;
  readonly port: number;
  readonly sandbox: Sandbox;
  /** Makes it a server that nobody has set up yet. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

/** @param environment further settings of the sandbox, see sandbox/README.md. */
export async function openSandboxHere(environment: { [name: string]: string } = {}): Promise<OpenSandbox> {
  const settings = readSettings({
    ENCRYPTION_KEY: randomBytes(16).toString("hex"),
    AUTH_SECRET: randomBytes(32).toString("base64"),
    SANDBOX_DATA: "memory",
    SANDBOX_FAULTS: "1",
    SANDBOX_PERMISSION_DELAY_MS: "0",
    PORT: "0",
    ...environment,
  });
  const sandbox = await openSandbox(settings);
  const app = await createApp(sandbox);
  await app.listen({ host: "127.0.0.1", port: settings.port });
  const address = app.server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    sandbox,
    empty: () => emptied(sandbox),
    close: () => app.close(),
  };
}

/** The tables that make the store what it is: its version, and the key of its vault. */
const KEPT = ["schema_version", "root_keys"];

async function emptied({ store }: Sandbox): Promise<void> {
  const tables = await store.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public'",
  );
  const names = tables.map(({ name }) => name).filter((name) => !KEPT.includes(name));
  await store.query(`truncate ${names.map((name) => `"${name}"`).join(", ")} restart identity cascade`);
  await store.query("insert into instance (id) values (1)");
}
