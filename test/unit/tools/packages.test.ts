import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { arePackagesReady } from "../../../tools/setup/packages.mjs";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "packages-"));
  mkdirSync(join(folder, "node_modules"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(file: string, packages: Record<string, { version: string; optional?: boolean }>): void {
  writeFileSync(join(folder, file), JSON.stringify({ packages }));
}

const wanted = {
  "": { version: "0.1.0" },
  "node_modules/zod": { version: "4.6.7" },
  "node_modules/fsevents": { version: "2.3.3", optional: true },
};

describe("arePackagesReady", () => {
  it("agrees when npm's own record has every package of the lock file, save those of other platforms", () => {
    write("package-lock.json", wanted);
    write("node_modules/.package-lock.json", { "node_modules/zod": { version: "4.6.7" } });
    expect(arePackagesReady(folder)).toBe(true);
  });

  it("sees a package that has another version", () => {
    write("package-lock.json", wanted);
    write("node_modules/.package-lock.json", { "node_modules/zod": { version: "4.6.6" } });
    expect(arePackagesReady(folder)).toBe(false);
  });

  it("takes an install that was killed half-way as none", () => {
    write("package-lock.json", wanted);
    expect(arePackagesReady(folder)).toBe(false);
  });
});
