import { describe, expect, it } from "vitest";
import { readSettings, StartRefused } from "../../../sandbox/settings.js";

const good = {
  ENCRYPTION_KEY: "0123456789abcdef0123456789abcdef",
  AUTH_SECRET: "c2VjcmV0",
  SANDBOX_DATA: "memory",
};

function refusalOf(environment: Record<string, string | undefined>): StartRefused {
  try {
    readSettings(environment);
  } catch (error) {
    if (error instanceof StartRefused) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("settings of the sandbox", () => {
  it("are loopback, port 8080, the pinned profile and ten seconds of permission delay by default", () => {
    const settings = readSettings(good);
    expect(settings).toMatchObject({ host: "127.0.0.1", port: 8080, permissionDelayMs: 10_000, faultsEnabled: false });
    expect(settings.profile.name).toBe("v0.159.22");
  });

  it.each([{ ENCRYPTION_KEY: undefined }, { ENCRYPTION_KEY: "" }])(
    "refuse a missing or empty key with exit code 1 and the server's words (%o)",
    (change) => {
      const refusal = refusalOf({ ...good, ...change });
      expect(refusal.exitCode).toBe(1);
      expect(refusal.message).toContain("Please set the ENCRYPTION_KEY environment variable");
    },
  );

  it.each(["0".repeat(31), "0".repeat(64), Buffer.alloc(32).toString("base64"), "é".repeat(31)])(
    "refuse the key %s, which is not 32 bytes, without showing it",
    (key) => {
      const refusal = refusalOf({ ...good, ENCRYPTION_KEY: key });
      expect(refusal.exitCode).toBe(1);
      expect(refusal.message).toContain("Invalid key length");
      expect(refusal.message).not.toContain(key);
    },
  );

  it("take ROOT_ENCRYPTION_KEY alone as base64 of 32 bytes, and refuse 32 hex characters there", () => {
    const base64 = Buffer.alloc(32, 7).toString("base64");
    const alone = readSettings({ ...good, ENCRYPTION_KEY: undefined, ROOT_ENCRYPTION_KEY: base64 });
    expect(alone.rootKey).toEqual(Buffer.alloc(32, 7));
    const refusal = refusalOf({ ...good, ENCRYPTION_KEY: undefined, ROOT_ENCRYPTION_KEY: good.ENCRYPTION_KEY });
    expect(refusal.message).toContain("Invalid key length");
  });

  it("let ENCRYPTION_KEY win over a ROOT_ENCRYPTION_KEY of any form", () => {
    const settings = readSettings({ ...good, ROOT_ENCRYPTION_KEY: "not base64 of 32 bytes" });
    expect(settings.rootKey.toString("utf8")).toBe(good.ENCRYPTION_KEY);
  });

  it.each([
    ["AUTH_SECRET", { AUTH_SECRET: "" }],
    ["AUTH_SECRET", { AUTH_SECRET: undefined }],
    ["REDIS_URL", { DB_CONNECTION_URI: "postgres://u:p@localhost/x" }],
    ["SANDBOX_DATA", { SANDBOX_DATA: undefined }],
    ["PORT", { PORT: "70000" }],
    ["SANDBOX_PROFILE", { SANDBOX_PROFILE: "v1" }],
  ])("refuse what is wrong with %s with exit code 255 and name it", (name, change) => {
    const refusal = refusalOf({ ...good, ...change });
    expect(refusal.exitCode).toBe(255);
    expect(refusal.message).toContain("Invalid environment variables");
    expect(refusal.message).toContain(name);
  });
});
