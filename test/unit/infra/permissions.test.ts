import { describe, expect, it } from "vitest";
import { permissionsOf } from "../../../infra/components/permissions";
import { foldersOf } from "../../../infra/components/project-tree";

describe("the permission of a grant", () => {
  it("to read is both actions that reading needs, on secrets of one folder of one environment, and nothing else", () => {
    expect(permissionsOf({ project: "my-rag", environment: "dev", path: "/openai-rag", actions: ["read"] })).toEqual({
      subject: "secrets",
      action: ["describeSecret", "readValue"],
      conditions: { environment: { $eq: "dev" }, secretPath: { $eq: "/openai-rag" } },
    });
  });
});

describe("foldersOf", () => {
  it("names every folder on the way once, parents first, and never the root", () => {
    expect(foldersOf(["/b/c", "/a", "/", "/b", "/b/c/d"])).toEqual(["/a", "/b", "/b/c", "/b/c/d"]);
    expect(foldersOf([])).toEqual([]);
  });
});
