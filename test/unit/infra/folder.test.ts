import { beforeEach, describe, expect, it } from "vitest";
import { parentOf } from "../../../infra/api/folders";
import { Folder, type FolderArgs } from "../../../infra/resources/folder";
import { type FakeInfisical, type FakeProject } from "../../support/fake-infisical";
import { fakeInfisical } from "../../support/fake-routes";
import { ResourceEngine } from "../../support/resource-engine";

let fake: FakeInfisical;
let project: FakeProject;
let engine: ResourceEngine;

beforeEach(async () => {
  fake = await fakeInfisical();
  project = {
    id: "p",
    slug: "my-rag",
    name: "",
    description: null,
    environments: [],
    admins: [],
    folders: [],
    secrets: [],
    members: new Map(),
    privileges: [],
  };
  fake.world.projects.push(project);
  engine = new ResourceEngine(folder());
});

function folder(more: Partial<FolderArgs> = {}): () => Folder {
  const args = { connection: fake.connection, projectId: "p", environment: "dev", path: "/openai-rag", ...more };
  return () => new Folder("folder", args);
}

function paths(): string[] {
  return project.folders.map(({ environment, path }) => `${environment}:${path}`);
}

describe("a folder", () => {
  it("is made once, and changes nothing the second time nor after a refresh", async () => {
    expect(await engine.up()).toBe("created");
    expect(await engine.up()).toBe("unchanged");
    expect(await engine.refresh()).toBe("same");
    expect(await engine.up()).toBe("unchanged");
    expect(paths()).toEqual(["dev:/openai-rag"]);
  });

  it("is found again when the answer is lost, below a parent too", async () => {
    fake.loseAnswer("POST /api/v2/folders");
    expect(await engine.up(folder({ path: "/a/b" }))).toBe("created");
    expect(paths()).toEqual(["dev:/a/b"]);
    expect(engine.state?.id).toBe(project.folders[0]?.id);
  });

  it("takes one over that is there, and gives it its description", async () => {
    project.folders.push({ id: "old", environment: "dev", path: "/openai-rag", description: null });
    await engine.up(folder({ description: "of the application" }));
    expect(project.folders).toEqual([
      { id: "old", environment: "dev", path: "/openai-rag", description: "of the application" },
    ]);
  });

  it("that was there stays when the stack goes, but for an empty one in a project of the stack's own, maybe of a killed run", async () => {
    const there = { id: "old", environment: "dev", path: "/openai-rag", description: null };
    project.folders.push(there);
    await engine.up();
    await engine.destroy();
    expect(paths()).toEqual(["dev:/openai-rag"]);
    project.secrets.push({ environment: "dev", path: "/openai-rag", key: "A", value: "theirs", version: 1 });
    await engine.up(folder({ ownProject: true }));
    await engine.destroy();
    expect(paths()).toEqual(["dev:/openai-rag"]);
    project.secrets = [];
    await engine.up(folder({ ownProject: true }));
    await engine.destroy();
    expect(paths()).toEqual([]);
  });

  it("is renamed and not made anew, since its secrets stay in it", async () => {
    await engine.up();
    const { id } = engine.state ?? {};
    expect(await engine.up(folder({ path: "/renamed" }))).toBe("updated");
    expect(project.folders).toMatchObject([{ id, path: "/renamed" }]);
  });

  it("is another one below another parent, or in another environment", async () => {
    await engine.up();
    expect(await engine.up(folder({ path: "/above/openai-rag" }))).toBe("replaced");
    expect(await engine.up(folder({ path: "/above/openai-rag", environment: "prod" }))).toBe("replaced");
    expect(paths()).toEqual(["prod:/above/openai-rag"]);
  });

  it("that was renamed by hand is found by a refresh, and named as wanted again", async () => {
    await engine.up();
    Object.assign(project.folders[0] ?? {}, { path: "/by-hand", description: "by hand" });
    expect(await engine.refresh()).toBe("changed");
    expect(engine.state?.inputs).toMatchObject({ parent: "/", name: "by-hand", description: "by hand" });
    expect(await engine.up()).toBe("updated");
    expect(paths()).toEqual(["dev:/openai-rag"]);
  });

  it("that is gone is dropped by a refresh, made again by `up`, and no hindrance when the stack goes", async () => {
    await engine.up();
    project.folders = [];
    expect(await engine.refresh()).toBe("gone");
    expect(await engine.up()).toBe("created");
    project.folders = [];
    await engine.destroy();
    expect(engine.state).toBeUndefined();
  });

  it("with something in it that this stack did not make is kept, and the way out is named", async () => {
    await engine.up();
    project.secrets.push({ environment: "dev", path: "/openai-rag", key: "THEIRS", value: "x", version: 1 });
    await expect(engine.destroy()).rejects.toThrow(
      /could not delete Folder dev:\/openai-rag: something that this stack did not make is still in it \(Folder is not empty\.\)/,
    );
    expect(paths()).toEqual(["dev:/openai-rag"]);
  });
});

describe("parentOf", () => {
  it.each([
    ["/a", { parent: "/", name: "a" }],
    ["/a/b", { parent: "/a", name: "b" }],
    ["/a/b/c", { parent: "/a/b", name: "c" }],
  ])("of %s is the folder above", (path, expected) => {
    expect(parentOf(path)).toEqual(expected);
  });
});
