import { describe, expect, it } from "vitest";
import { type Part, mustHave, planFor } from "../../../tools/setup/plan.mjs";
import { atLeast, versionIn } from "../../../tools/setup/versions.mjs";

const standIn: Record<string, Part> = { random: { version: "4.21.2", from: "stand-in", path: "/x" } };

describe("planFor", () => {
  it.each(["sandbox", "test", "matrix"])("prepares the examples and allows stand-ins for %s", (command) => {
    expect(planFor(command)).toMatchObject({ examples: true, pulumi: true, standIns: "allowed" });
  });

  it.each(["up", "verify", "report", "upgrade"])("prepares the SDKs that %s tries access out with", (command) => {
    expect(planFor(command).examples).toBe(true);
  });

  it("needs npm packages only for check", () => {
    expect(planFor("check")).toMatchObject({ examples: false, pulumi: false });
  });

  it.each(["up", "a command that nobody knows"])("refuses stand-ins for %s", (command) => {
    const plan = planFor(command);
    expect(plan).toMatchObject({ pulumi: true, standIns: "refused", pluginsRequired: true });
    expect(mustHave(plan, standIn)).toBe(true);
  });

  it("allows stand-ins for up when they are asked for by name", () => {
    expect(planFor("up", { INFISICAL_STANDINS: "1" }).standIns).toBe("allowed");
    expect(planFor("up", { INFISICAL_STANDINS: "0" }).standIns).toBe("refused");
  });

  it.each(["down", "preview"])("lets %s serve a stack that the sandbox made, and nothing less", (command) => {
    const plan = planFor(command);
    expect(plan.standIns).toBe("kept");
    expect(mustHave(plan, standIn)).toBe(false);
    expect(mustHave(plan, {})).toBe(true);
  });

  it("never stops the plain pulumi command for a missing plugin", () => {
    expect(mustHave(planFor("pulumi"), {})).toBe(false);
  });
});

describe("versions", () => {
  it("compares numbers, not text", () => {
    expect(atLeast([3, 250, 0], [3, 200, 0])).toBe(true);
    expect(atLeast([3, 99, 9], [3, 200, 0])).toBe(false);
    expect(atLeast([1, 25, 11], [1, 25, 11])).toBe(true);
    expect(atLeast([1, 25, 9], [1, 25, 11])).toBe(false);
  });

  it("reads the first version of a text", () => {
    expect(versionIn("go1.26.8")).toEqual([1, 26, 8]);
    expect(versionIn("v3.250.0-dev.0")).toEqual([3, 250, 0]);
    expect(versionIn("go1.26")).toEqual([1, 26, 0]);
    expect(versionIn("unknown")).toBeUndefined();
  });
});
