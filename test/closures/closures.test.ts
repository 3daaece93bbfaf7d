import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { Report } from "./check";

/** The check runs in a process of its own, and without vitest: see main.cjs. */
function check(): Promise<Report> {
  return new Promise((done, failed) => {
    const options = { timeout: 120_000, maxBuffer: 16 * 1024 * 1024 };
    execFile(process.execPath, [resolve("test", "closures", "main.cjs")], options, (problem, stdout, stderr) => {
      try {
        done(JSON.parse(stdout) as Report);
      } catch {
        failed(problem ?? new Error(stderr));
      }
    });
  });
}

describe("the provider of", async () => {
  const { kinds, mustFail } = await check();

  it.each(kinds)("$kind survives serialisation and runs, requiring node: modules only", ({ problems, requires }) => {
    expect(problems).toEqual([]);
    expect(requires).not.toEqual([]);
  });

  it("every kind is among them", () => {
    expect(kinds.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["Administrator", "Project", "Secrets"]));
  });

  it.each(mustFail)("a broken kind ($kind) is found out", ({ problems }) => {
    expect(problems).not.toEqual([]);
  });

  it("four broken kinds tell their rule by name", () => {
    const told = Object.fromEntries(mustFail.map(({ kind, problems }) => [kind, problems.join("; ")]));
    expect(told).toMatchObject({
      foreignPackage: "requires yaml",
      capturedSecret: "holds a secret",
      moduleMap: expect.stringContaining("incompatible receiver"),
      lostField: expect.stringContaining("does not run when revived"),
    });
  });
});
