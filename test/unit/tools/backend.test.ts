import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ownBackend, ownPassphrase } from "../../../tools/backend.mjs";

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "backend-"));
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

function logIn(folder: string, content: unknown): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "credentials.json"), typeof content === "string" ? content : JSON.stringify(content));
}

describe("ownBackend", () => {
  it("finds none on a machine where nobody has used Pulumi", () => {
    expect(ownBackend({}, home)).toBeUndefined();
  });

  it("names the variable that sets the backend, before any login", () => {
    logIn(join(home, ".pulumi"), { current: "https://api.pulumi.com" });
    expect(ownBackend({ PULUMI_BACKEND_URL: "s3://states" }, home)).toBe("PULUMI_BACKEND_URL");
    expect(ownBackend({ PULUMI_ACCESS_TOKEN: "pul-123" }, home)).toBe("PULUMI_ACCESS_TOKEN");
  });

  it("respects a current login in the home folder", () => {
    logIn(join(home, ".pulumi"), { current: "file://~" });
    expect(ownBackend({}, home)).toBe("pulumi login (file://~)");
  });

  it("looks where PULUMI_HOME and PULUMI_CREDENTIALS_PATH point", () => {
    logIn(join(home, "elsewhere"), { current: "https://api.pulumi.com" });
    expect(ownBackend({ PULUMI_HOME: join(home, "elsewhere") }, home)).toContain("api.pulumi.com");
    expect(ownBackend({ PULUMI_CREDENTIALS_PATH: join(home, "elsewhere") }, home)).toContain("api.pulumi.com");
  });

  it.each([
    ["a logged-out file", { current: "" }],
    ["a file without a login", { accounts: {} }],
    ["a file that is not JSON", "{"],
  ])("takes %s as no login", (_what, content) => {
    logIn(join(home, ".pulumi"), content);
    expect(ownBackend({}, home)).toBeUndefined();
  });

  it("never repeats credentials that are part of the address", () => {
    logIn(join(home, ".pulumi"), { current: "postgres://pulumi:hunter2@db/states?password=hunter2" });
    expect(ownBackend({}, home)).not.toContain("hunter2");
  });
});

describe("ownPassphrase", () => {
  it("counts an empty passphrase as one, as Pulumi does", () => {
    expect(ownPassphrase({ PULUMI_CONFIG_PASSPHRASE: "" })).toBe("PULUMI_CONFIG_PASSPHRASE");
  });

  it("accepts a passphrase file and says when there is neither", () => {
    expect(ownPassphrase({ PULUMI_CONFIG_PASSPHRASE_FILE: "/secret" })).toBe("PULUMI_CONFIG_PASSPHRASE_FILE");
    expect(ownPassphrase({})).toBeUndefined();
  });
});
