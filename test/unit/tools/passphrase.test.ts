import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureBackend, ensurePassphrase, isBackendReady } from "../../../tools/setup/passphrase.mjs";

let home: string;
let places: { state: string; passphrase: string };

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "passphrase-"));
  places = { state: join(home, ".local", "state"), passphrase: join(home, ".local", "passphrase") };
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe("the project's passphrase", () => {
  it("is random, readable by its owner only, and leaves no draft behind", () => {
    const previous = process.umask(0);
    try {
      ensureBackend(places, {}, home);
    } finally {
      process.umask(previous);
    }
    expect(mode(places.passphrase)).toBe("600");
    expect(mode(places.state)).toBe("700");
    expect(readFileSync(places.passphrase, "utf8")).toMatch(/^[\w-]{43}$/);
    expect(readdirSync(join(home, ".local")).sort()).toEqual(["passphrase", "state"]);
    expect(isBackendReady(places, {}, home)).toBe(true);
  });

  it("is never overwritten", () => {
    ensureBackend(places, {}, home);
    writeFileSync(places.passphrase, "the one that the state was made with");
    ensurePassphrase(places.passphrase);
    expect(readFileSync(places.passphrase, "utf8")).toBe("the one that the state was made with");
  });

  it("is not made for somebody with a backend of their own", () => {
    const env = { PULUMI_BACKEND_URL: "s3://states" };
    ensureBackend(places, env, home);
    expect(existsSync(join(home, ".local"))).toBe(false);
    expect(isBackendReady(places, env, home)).toBe(true);
  });

  it("is not made for somebody with a passphrase of their own, but the state folder is", () => {
    ensureBackend(places, { PULUMI_CONFIG_PASSPHRASE: "" }, home);
    expect(existsSync(places.passphrase)).toBe(false);
    expect(existsSync(places.state)).toBe(true);
  });
});
