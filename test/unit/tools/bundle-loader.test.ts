import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checksumsOf } from "../../../cli/bundle/lock";
import { ROOT } from "../../../cli/core/places";

let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "bundle-"));
  mkdirSync(join(folder, "wheels"));
  writeFileSync(join(folder, "project.tar"), "not looked into");
  writeFileSync(join(folder, "wheels", "one.whl"), "a wheel");
  copyFileSync(join(ROOT, "tools", "bundle", "load.mjs"), join(folder, "load.mjs"));
  await lock({});
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function lock(more: object): Promise<void> {
  rmSync(join(folder, "bundle.lock.json"), { force: true });
  const content = {
    format: 1,
    platform: { os: process.platform, cpu: process.arch },
    parts: [{ name: "image redis:7-alpine", state: "missing", detail: "no registry" }],
    images: [],
    files: await checksumsOf(folder),
    ...more,
  };
  writeFileSync(join(folder, "bundle.lock.json"), JSON.stringify(content));
}

function load(...args: string[]): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(folder, "load.mjs"), ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), text: stdout + stderr }),
    );
  });
}

describe("the loader of a bundle", () => {
  it("accepts what is as it was made, and names what is not in it", async () => {
    const { code, text } = await load("--check");
    expect(code).toBe(0);
    expect(text).toContain("NOT in this bundle: image redis:7-alpine (no registry)");
  });

  it.each([
    ["a changed file", () => writeFileSync(join(folder, "wheels", "one.whl"), "a wheal"), "wheels/one.whl: not as"],
    ["a missing file", () => rmSync(join(folder, "project.tar")), "project.tar: missing"],
    ["a file more", () => writeFileSync(join(folder, "wheels", "two.whl"), ""), "wheels/two.whl: not in the lock"],
    ["a changed loader", () => writeFileSync(join(folder, "load.mjs"), "\n", { flag: "a" }), "load.mjs: not as"],
  ])("refuses %s before it installs anything", async (_what, damage, story) => {
    damage();
    const { code, text } = await load("--into", join(folder, "..", "never"));
    expect(code).toBe(1);
    expect(text).toContain(story);
    expect(existsSync(join(folder, "..", "never"))).toBe(false);
  });

  it("refuses another kind of machine, and a format that it does not know", async () => {
    await lock({ platform: { os: "plan9", cpu: "vax" } });
    expect((await load("--check")).text).toContain("the bundle is for plan9-vax");
    await lock({ format: 2 });
    expect((await load("--check")).text).toContain("format 2");
  });
});
