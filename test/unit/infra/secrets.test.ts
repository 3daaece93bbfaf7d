import { beforeEach, describe, expect, it } from "vitest";
import { Secrets, type SecretsArgs } from "../../../infra/resources/secrets";
import { Refused, type FakeInfisical, type FakeProject } from "../../support/fake-infisical";
import { fakeInfisical } from "../../support/fake-routes";
import { clear, plain, ResourceEngine } from "../../support/resource-engine";

const WRITE = "PATCH /api/v4/secrets/batch";
const DELETE = "DELETE /api/v4/secrets/batch";
const VALUES = { A: "s3cret-a", B: "s3cret-b" };

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
    secrets: [],
    folders: [
      {
        id: "f",
        environment: "dev",
        path: "/openai-rag",
        description: null,
      },
    ],
    members: new Map(),
    privileges: [],
  };
  fake.world.projects.push(project);
  engine = new ResourceEngine(secrets());
});

function secrets(more: Partial<SecretsArgs> = {}): () => Secrets {
  const place = { projectId: "p", environment: "dev", path: "/openai-rag" };
  return () => new Secrets("secrets", { connection: fake.connection, ...place, values: VALUES, ...more });
}

function held(): { [key: string]: string } {
  return Object.fromEntries(project.secrets.map(({ key, value }) => [key, value]));
}

function put(key: string, value: string): void {
  const there = project.secrets.find((secret) => secret.key === key);
  if (there !== undefined) there.value = value;
  else project.secrets.push({ environment: "dev", path: "/openai-rag", key, value, version: 1 });
}

describe("secrets of a folder", () => {
  it("are written in one batch, and none of them is in clear in the state", async () => {
    expect(await engine.up()).toBe("created");
    expect(held()).toEqual(VALUES);
    expect(fake.count(WRITE)).toBe(1);
    expect(clear(engine.state?.outputs)).not.toMatch(/s3cret|value-of/);
    expect(Object.keys(plain(engine.state?.inputs.values) as object)).toEqual(["A", "B"]);
  });

  it("change nothing the second time, nor after a refresh", async () => {
    await engine.up();
    expect(await engine.up()).toBe("unchanged");
    expect(await engine.refresh()).toBe("same");
    expect(await engine.up()).toBe("unchanged");
    expect(fake.count(WRITE)).toBe(1);
  });

  it("are no drift when the server merely trimmed them", async () => {
    await engine.up(secrets({ values: { A: "  spaces \n", B: "${A}" } }));
    expect(held()).toEqual({ A: "spaces\n", B: "${A}" });
    expect(await engine.refresh()).toBe("same");
    expect(await engine.up()).toBe("unchanged");
  });

  it("are written one by one where they changed, and deleted where they are wanted no more", async () => {
    await engine.up();
    expect(await engine.up(secrets({ values: { B: "s3cret-b", C: "s3cret-c" } }))).toBe("updated");
    expect(held()).toEqual({ B: "s3cret-b", C: "s3cret-c" });
    expect(project.secrets.find(({ key }) => key === "B")?.version).toBe(1);
    const deleted = fake.received.filter(({ method }) => method === "DELETE").map(({ body }) => body);
    expect(deleted).toMatchObject([{ secrets: [{ secretKey: "A" }] }]);
  });

  it("changed by hand are found by a refresh, and put right", async () => {
    await engine.up();
    put("A", "by hand");
    project.secrets = project.secrets.filter(({ key }) => key !== "B");
    expect(await engine.refresh()).toBe("changed");
    expect(plain(engine.state?.inputs.values)).toEqual({ A: "by hand" });
    expect(clear(engine.state)).not.toContain("by hand");
    expect(await engine.up()).toBe("updated");
    expect(held()).toEqual(VALUES);
  });
});

describe("secrets of a folder that others write to, too", () => {
  it("that were there stay when the stack goes, unless a killed run of the stack has put them into its own folder", async () => {
    put("A", VALUES.A);
    put("B", "of somebody");
    await engine.up(secrets({ ownFolder: true }));
    expect(engine.state?.outputs.adopted).toEqual(["B"]);
    await engine.destroy();
    expect(held()).toEqual({ B: VALUES.B });
  });

  it("that were there stay in a folder that is not the stack's, whatever their values", async () => {
    put("A", VALUES.A);
    await engine.up();
    expect(engine.state?.outputs.adopted).toEqual(["A"]);
    await engine.destroy();
    expect(held()).toEqual({ A: VALUES.A });
  });

  it("of others are left alone: their keys are named, and their values never get into the state", async () => {
    put("THEIRS", "not-ours");
    await engine.up();
    expect(engine.state?.outputs.othersKeys).toEqual(["THEIRS"]);
    put("MORE", "not-ours");
    await engine.refresh();
    expect(engine.state?.outputs.othersKeys).toEqual(["THEIRS", "MORE"]);
    expect(JSON.stringify(engine.state)).not.toContain("not-ours");
    expect(await engine.up()).toBe("unchanged");
    await engine.destroy();
    expect(Object.keys(held())).toEqual(["THEIRS", "MORE"]);
  });

  it("of others are pruned when that is asked for, also those that come later", async () => {
    put("THEIRS", "not-ours");
    await engine.up(secrets({ prune: true }));
    expect(held()).toEqual(VALUES);
    put("MORE", "not-ours");
    expect(await engine.refresh()).toBe("changed");
    expect(engine.state?.inputs.unwanted).toEqual(["MORE"]);
    expect(await engine.up()).toBe("updated");
    expect(held()).toEqual(VALUES);
    expect(await engine.refresh()).toBe("same");
  });

  it("that are seeds are written once, and what people make of them stays", async () => {
    await engine.up(secrets({ seedOnce: ["A"] }));
    put("A", "by hand");
    expect(await engine.refresh()).toBe("same");
    expect(await engine.up(secrets({ seedOnce: ["A"], values: { A: "another seed", B: "s3cret-b2" } }))).toBe(
      "updated",
    );
    expect(held()).toEqual({ A: "by hand", B: "s3cret-b2" });
  });
});

describe("secrets of a folder when something fails or goes", () => {
  it("half written are kept, and a key that was to go is not forgotten", async () => {
    await engine.up();
    fake.refuseNext(DELETE, new Refused(403, "PermissionDenied", "no"));
    await expect(engine.up(secrets({ values: { B: "s3cret-new" } }))).rejects.toThrow(
      "could not update Secrets dev:/openai-rag",
    );
    expect(held()).toEqual({ A: "s3cret-a", B: "s3cret-new" });
    expect(clear(engine.state?.outputs)).not.toContain("s3cret");
    expect(await engine.up()).toBe("updated");
    expect(held()).toEqual({ B: "s3cret-new" });
  });

  it("survive a lost answer of a batch, since writing again does no harm", async () => {
    fake.loseAnswer(WRITE);
    expect(await engine.up()).toBe("created");
    expect(held()).toEqual(VALUES);
  });

  it("are gone with their folder; writing into none says what to do", async () => {
    await engine.up();
    Object.assign(project, { folders: [], secrets: [] });
    await expect(engine.up(secrets({ values: { A: "x" } }))).rejects.toThrow(/the folder is not there\. Run `pulumi/);
    expect(await engine.refresh()).toBe("gone");
  });

  it("are deleted with the stack, in peace when some or all are gone already", async () => {
    await engine.up();
    project.secrets = project.secrets.filter(({ key }) => key !== "A");
    await engine.destroy();
    expect(held()).toEqual({});
    await engine.up();
    Object.assign(project, { folders: [], secrets: [] });
    await engine.destroy();
    expect(engine.state).toBeUndefined();
  });

  it("are others in another environment or folder, by replacement", async () => {
    await engine.up();
    project.folders.push({ id: "g", environment: "prod", path: "/openai-rag", description: null });
    expect(await engine.up(secrets({ environment: "prod" }))).toBe("replaced");
    expect(project.secrets.map(({ environment }) => environment)).toEqual(["prod", "prod"]);
  });
});
