import { describe, expect, it } from "vitest";
import { joinPath, normalPath } from "../../../sandbox/project/secret-path.js";

describe("folder paths", () => {
  it.each([
    ["", "/"],
    ["/", "/"],
    ["a", "/a"],
    ["//a//b/", "/a/b"],
  ])("bring %j into the stored form %j", (given, stored) => {
    expect(normalPath(given)).toBe(stored);
  });

  it("join below the root without doubling its slash", () => {
    expect([joinPath("/", "a"), joinPath("/a", "b")]).toEqual(["/a", "/a/b"]);
  });
});
