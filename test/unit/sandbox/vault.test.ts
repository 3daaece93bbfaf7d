import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StartRefused } from "../../../sandbox/settings.js";
import { openPgliteStore } from "../../../sandbox/store/pglite-store.js";
import { migrate } from "../../../sandbox/store/schema.js";
import type { Store } from "../../../sandbox/store/store.js";
import { openVault } from "../../../sandbox/store/vault.js";

let store: Store;
const key = Buffer.alloc(32, 1);

beforeAll(async () => {
  store = await openPgliteStore("memory", 0);
  await migrate(store);
}, 60_000);
afterAll(() => store.close());

describe("the vault", () => {
  it("gives back what it sealed, after a new opening too, and never the same sealed text twice", async () => {
    const sealed = (await openVault(store, key)).encrypt("sk-test-0000");
    const again = await openVault(store, key);
    expect(again.decrypt(sealed)).toBe("sk-test-0000");
    expect(sealed).not.toContain("sk-test");
    expect(again.encrypt("sk-test-0000")).not.toBe(sealed);
  });

  it("refuses to open with another key than the data's, as the real server does", async () => {
    await openVault(store, key);
    const refusal = await openVault(store, Buffer.alloc(32, 2)).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StartRefused);
    expect(refusal).toMatchObject({ exitCode: 1 });
    expect(String(refusal)).toContain("Unsupported state or unable to authenticate data");
  });

  it("refuses a sealed text that was changed", async () => {
    const vault = await openVault(store, key);
    const parts = vault.encrypt("value").split(".");
    const forged = [...parts.slice(0, 3), Buffer.from("other").toString("base64")].join(".");
    expect(() => vault.decrypt(forged)).toThrow("unable to authenticate data");
  });
});

describe("the schema", () => {
  it("is left alone by a second start and refused when it is newer than this sandbox", async () => {
    await migrate(store);
    await store.query("insert into schema_version (version) values (999)");
    await expect(migrate(store)).rejects.toThrow("schema version 999");
    await store.query("delete from schema_version where version = 999");
  });
});
