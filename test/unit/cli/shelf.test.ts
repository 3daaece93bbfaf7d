import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { archiveName, archivesIn, inWorkFolder, keepNewest } from "../../../cli/core/backup/shelf";

describe("a folder of archives", () => {
  let folder: string;

  const shelve = (stack: string, day: number): string => {
    const name = archiveName(stack, new Date(Date.UTC(2026, 10, day, 3, 30)));
    writeFileSync(join(folder, name), "x");
    return name;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "shelf-test-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("lists a stack's archives, newest first, with the time in their names", () => {
    const [first, second] = [shelve("dev", 1), shelve("dev", 2)];
    const listed = archivesIn(folder, "dev");
    expect(listed.map(({ file }) => basename(file))).toEqual([second, first]);
    expect(listed[0]?.at.toISOString()).toBe("2026-11-02T03:30:00.000Z");
  });

  it("keeps apart stacks whose names begin alike, and everything that is no archive", () => {
    shelve("dev-2", 1);
    writeFileSync(join(folder, "dev-notes.txt"), "x");
    expect(archivesIn(folder, "dev")).toEqual([]);
    expect(archivesIn(join(folder, "none"), "dev")).toEqual([]);
  });

  it("lets go of the oldest of one stack alone", () => {
    const names = [1, 2, 3, 4].map((day) => shelve("dev", day));
    const other = shelve("prod", 1);
    expect(keepNewest(folder, "dev", 2).map((file) => basename(file))).toEqual([names[1], names[0]]);
    expect(readdirSync(folder).sort()).toEqual([names[2], names[3], other].sort());
  });

  it("takes away what is on its way, also when the work fails, and what killed runs left", async () => {
    // No process has this number.
    const abandoned = join(folder, ".work-999999999");
    mkdirSync(abandoned);
    const failing = inWorkFolder(folder, async (work) => {
      writeFileSync(join(work, "dump"), "x");
      expect(existsSync(abandoned)).toBe(false);
      throw Object.assign(new Error("write failed"), { code: "ENOSPC" });
    });
    await expect(failing).rejects.toThrow(/the disk is full/);
    expect(readdirSync(folder)).toEqual([]);
  });
});
