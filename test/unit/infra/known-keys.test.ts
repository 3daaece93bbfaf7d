import { describe, expect, it } from "vitest";
import { nearKey } from "../../../infra/blueprint/known-keys";

describe("a mistyped key of a blueprint", () => {
  it.each([
    [[], "identites", "identities"],
    [["projects", "my-rag"], "enviroments", "environments"],
    [["projects", "my-rag", "secrets", "dev", "/openai-rag", "KEY"], "litteral", "literal"],
    [["identities", "app", "token"], "maxTTL", "maxTtl"],
    [["identities", "app", "grants", 0], "paths", "path"],
    [["projects", "my-rag", "folders", "dev", "/a", "webhooks", 0], "urls", "url"],
  ])("at %j: %s is taken for %s", (path, key, meant) => {
    expect(nearKey(path, key)).toBe(meant);
  });

  it("is taken for none that stands elsewhere, nor for one that is far from it", () => {
    expect(nearKey(["identities", "app"], "enviroments")).toBeUndefined();
    expect(nearKey(["projects", "my-rag"], "colour")).toBeUndefined();
  });
});
