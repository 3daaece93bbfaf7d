import { describe, expect, it } from "vitest";
import { breakersBetween, KNOWN_BREAKERS } from "../../../infra/known-breakers";

describe("known breakers", () => {
  it("are told for the way that crosses them, and not for one that stays on a side", () => {
    const since = (from: string, to: string): string[] => breakersBetween(from, to).map((one) => one.since);
    expect(since("v0.159.22", "v0.159.24")).toEqual(["v0.159.24"]);
    expect(since("v0.159.22", "v0.159.23")).toEqual([]);
    expect(since("v0.159.24", "v0.160.0")).not.toContain("v0.159.24");
    expect(since("v0.159.22", "v0.165.8")).toHaveLength(KNOWN_BREAKERS.length);
  });

  it("know nothing of tags that are no versions", () => {
    expect(breakersBetween("latest", "v0.165.8")).toEqual([]);
  });
});
