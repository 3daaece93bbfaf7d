import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openSession, signUp } from "../../../infra/api/administrator";
import { createFolder } from "../../../infra/api/folders";
import { send, type Ask } from "../../../infra/api/http";
import { createIdentity } from "../../../infra/api/identities";
import { listImports } from "../../../infra/api/imports";
import { listMembers } from "../../../infra/api/members";
import { addProjectAdmins, createEnvironment, createProject, deleteProject } from "../../../infra/api/projects";
import { deleteSecrets, listSecrets, writeSecrets, type SecretWrite } from "../../../infra/api/secrets";
import { askAs, askWith, type Connection } from "../../../infra/api/session";
import { listTags } from "../../../infra/api/tags";
import { attachUniversalAuth, createClientSecret } from "../../../infra/api/universal-auth";
import { Folder } from "../../../infra/resources/folder";
import { ProjectMembers } from "../../../infra/resources/project-members";
import { ProjectTags } from "../../../infra/resources/project-tags";
import { SecretImports } from "../../../infra/resources/secret-imports";
import { Secrets, type SecretsArgs } from "../../../infra/resources/secrets";
import { DEFAULT_UNIVERSAL_AUTH } from "../../../infra/resources/universal-auth-defaults";
import { openSandboxHere, type OpenSandbox } from "../../support/open-sandbox";
import { clear, plain, ResourceEngine } from "../../support/resource-engine";

const ADMIN = { email: "admin@example.com", password: "a password for tests" };

let server: OpenSandbox;
let connection: Connection;
let ask: Ask;
let projectId: string;
let place: { projectId: string; environment: string; secretPath: string };
let projects = 0;

beforeAll(async () => {
  server = await openSandboxHere();
  await signUp(server.url, ADMIN);
  const session = await openSession(server.url, ADMIN);
  if (session === undefined) throw new Error("the sandbox refuses its administrator");
  const human = askWith(server.url, session);
  const { id } = await createIdentity(human, session.organizationId, { name: "ops", role: "admin", owner: "test" });
  const { clientId } = await attachUniversalAuth(human, id, DEFAULT_UNIVERSAL_AUTH);
  const wanted = { description: "test", ttl: 0, numUsesLimit: 0 };
  const { clientSecret } = await createClientSecret(human, id, wanted);
  connection = { url: server.url, clientId, clientSecret };
  ask = askAs(connection);
});

afterAll(() => server.close());

beforeEach(async () => {
  projects += 1;
  const project = await createProject(ask, { slug: `project-${projects}`, name: "p", description: "" });
  projectId = project.id;
  for (const slug of ["dev", "prod"]) await createEnvironment(ask, projectId, { slug, name: slug, position: 1 });
  for (const path of ["/app", "/shared", "/more"]) await createFolder(ask, { projectId, environment: "dev" }, path, "");
  place = { projectId, environment: "dev", secretPath: "/app" };
});

function secrets(more: Partial<SecretsArgs> = {}): () => Secrets {
  const where = { connection, projectId, environment: "dev", path: "/app" };
  return () => new Secrets("secrets", { ...where, values: { A: "of a", B: "of b" }, ...more });
}

async function held(): Promise<{ [key: string]: string }> {
  return Object.fromEntries(((await listSecrets(ask, place)) ?? []).map(({ key, value }) => [key, value]));
}

async function put(...writes: SecretWrite[]): Promise<void> {
  await writeSecrets(ask, place, writes);
}

/** Requests that change something, since the last call. */
async function writes(): Promise<string[]> {
  const { requests } = (await send(server.url, { method: "GET", path: "/__sandbox/requests" })) as {
    requests: { method: string; path: string }[];
  };
  await send(server.url, { method: "DELETE", path: "/__sandbox/requests" });
  return requests
    .filter(({ method, path }) => method !== "GET" && !path.includes("login"))
    .map(({ method, path }) => `${method} ${path}`);
}

describe("notes on secrets", () => {
  const notes = { A: { comment: " a comment ", tags: ["red", "blue"], metadata: { owner: "team a" } } };

  beforeEach(async () => {
    const tags = { red: "#ff0000", blue: "#0000ff", green: "#00ff00" };
    const engine = new ResourceEngine(() => new ProjectTags("tags", { connection, projectId, tags }));
    await engine.up();
  });

  it("are written with the values, and are no drift afterwards", async () => {
    const engine = new ResourceEngine(secrets({ notes }));
    await engine.up();
    const [a] = (await listSecrets(ask, place)) ?? [];
    expect(a).toMatchObject({ comment: "a comment", tags: ["blue", "red"], metadata: { owner: "team a" } });
    expect(await engine.refresh()).toBe("same");
    expect(await engine.up()).toBe("unchanged");
  });

  it("that change do not write the value again, and those of other keys are left to people", async () => {
    const engine = new ResourceEngine(secrets({ notes }));
    await engine.up();
    await put({ key: "B", comment: "by hand" });
    expect(await engine.refresh()).toBe("same");
    await engine.up(secrets({ notes: { A: { comment: "another", tags: ["green"] } } }));
    const [a, b] = (await listSecrets(ask, place)) ?? [];
    expect(a).toMatchObject({ value: "of a", comment: "another", tags: ["green"], metadata: { owner: "team a" } });
    expect(b).toMatchObject({ value: "of b", comment: "by hand" });
  });

  it("changed by hand are found by a refresh and put right", async () => {
    const engine = new ResourceEngine(secrets({ notes }));
    await engine.up();
    await put({ key: "A", comment: "by hand" });
    expect(await engine.refresh()).toBe("changed");
    expect(engine.state?.inputs.notes).toMatchObject({ A: { comment: "by hand" } });
    expect(await engine.up()).toBe("updated");
    expect((await listSecrets(ask, place))?.[0]?.comment).toBe("a comment");
  });

  it("with a tag that the project has not are refused with what to do", async () => {
    const engine = new ResourceEngine(secrets({ notes: { A: { tags: ["purple"] } } }));
    await expect(engine.up()).rejects.toThrow('the project has no tag "purple"');
  });
});

describe("values in the state", () => {
  it("are there once, encrypted; fingerprints stand for them among the outputs", async () => {
    const engine = new ResourceEngine(secrets({ values: { A: "s3cret-a", B: "s3cret-b" } }));
    await engine.up();
    expect(engine.state?.outputs).not.toHaveProperty("values");
    expect(Object.keys(engine.state?.outputs.fingerprints as object)).toEqual(["A", "B"]);
    expect(clear(engine.state?.outputs)).not.toMatch(/s3cret/);
  });

  it("of two stacks with the same secret have different fingerprints", async () => {
    const one = new ResourceEngine(secrets());
    const other = new ResourceEngine(secrets());
    await one.up();
    await other.up();
    expect(one.state?.outputs.fingerprints).not.toEqual(other.state?.outputs.fingerprints);
  });
});

describe("must-fill keys", () => {
  const fill = (): (() => Secrets) =>
    secrets({ values: { A: "PLACEHOLDER: x", B: "of b" }, seedOnce: ["A"], mustFill: ["A"] });

  it("are listed until somebody has put a value in, which then stays", async () => {
    const engine = new ResourceEngine(fill());
    await engine.up();
    expect(engine.state?.outputs.unfilled).toEqual(["A"]);
    await put({ key: "A", value: "filled in" });
    expect(await engine.refresh()).toBe("same");
    expect(engine.state?.outputs.unfilled).toEqual([]);
    expect(await engine.up()).toBe("unchanged");
    expect(await held()).toEqual({ A: "filled in", B: "of b" });
    expect(JSON.stringify(engine.state)).not.toContain("filled in");
  });

  it("that are filled already are left alone from the beginning", async () => {
    await put({ key: "A", value: "theirs" });
    const engine = new ResourceEngine(fill());
    await engine.up();
    expect(engine.state?.outputs.unfilled).toEqual([]);
    expect(await held()).toEqual({ A: "theirs", B: "of b" });
  });
});

describe("keys that were there before", () => {
  it("are adopted without a write when they are the same, and stay when the stack goes", async () => {
    await put({ key: "A", value: "of a" }, { key: "B", value: "of b" });
    await writes();
    const engine = new ResourceEngine(secrets({ values: { A: "of a", B: "of b", C: "of c" } }));
    await engine.up();
    expect(engine.state?.outputs.adopted).toEqual(["A", "B"]);
    expect(await writes()).toEqual(["PATCH /api/v4/secrets/batch"]);
    await engine.destroy();
    expect(await held()).toEqual({ A: "of a", B: "of b" });
  });

  it("stay when the blueprint drops them, and go when it prunes", async () => {
    await put({ key: "A", value: "of a" });
    const engine = new ResourceEngine(secrets());
    await engine.up();
    await engine.up(secrets({ values: { B: "of b" } }));
    expect(await held()).toEqual({ A: "of a", B: "of b" });
    expect(engine.state?.outputs.othersKeys).toEqual(["A"]);
    await engine.up(secrets({ values: { B: "of b" }, prune: true }));
    expect(await held()).toEqual({ B: "of b" });
  });

  it("and were deleted meanwhile are the stack's own when it writes them again", async () => {
    await put({ key: "A", value: "of a" });
    const engine = new ResourceEngine(secrets());
    await engine.up();
    await deleteSecrets(ask, place, ["A"]);
    await engine.refresh();
    await engine.up();
    expect(engine.state?.outputs.adopted).toEqual([]);
    await engine.destroy();
    expect(await held()).toEqual({});
  });

  it("go with the stack when that is asked for", async () => {
    await put({ key: "A", value: "of a" });
    const engine = new ResourceEngine(secrets({ deletion: "delete" }));
    await engine.up();
    await engine.destroy();
    expect(await held()).toEqual({});
  });
});

describe("requests", () => {
  it("grow with batches and not with keys: 2,500 keys are three writes, one changed key is one", async () => {
    const many = Object.fromEntries(Array.from({ length: 2_500 }, (_, index) => [`KEY_${index}`, `value ${index}`]));
    const engine = new ResourceEngine(secrets({ values: many }));
    await writes();
    await engine.up();
    expect(await writes()).toEqual(Array(3).fill("PATCH /api/v4/secrets/batch"));
    await engine.up(secrets({ values: { ...many, KEY_7: "another" } }));
    expect(await writes()).toEqual(["PATCH /api/v4/secrets/batch"]);
    expect(await engine.refresh()).toBe("same");
    await engine.destroy();
    expect(await writes()).toEqual(Array(3).fill("DELETE /api/v4/secrets/batch"));
  });
});

describe("imports of a folder", () => {
  const imports = (...paths: string[]): (() => SecretImports) => {
    const from = paths.map((path) => ({ environment: "dev", path }));
    return () =>
      new SecretImports("imports", { connection, projectId, environment: "dev", path: "/app", imports: from });
  };
  const seen = async (): Promise<string[]> => ((await listImports(ask, place)) ?? []).map(({ path }) => path);

  it("are made in their order and once, and go with the stack", async () => {
    const engine = new ResourceEngine(imports("/shared", "/more"));
    await engine.up();
    expect(await seen()).toEqual(["/shared", "/more"]);
    expect(await engine.up()).toBe("unchanged");
    expect(await engine.refresh()).toBe("same");
    await engine.destroy();
    expect(await seen()).toEqual([]);
  });

  it("change to another order", async () => {
    const engine = new ResourceEngine(imports("/shared", "/more"));
    await engine.up();
    expect(await engine.up(imports("/more", "/shared"))).toBe("updated");
    expect(await seen()).toEqual(["/more", "/shared"]);
  });

  it("that others add are drift, since the last one wins", async () => {
    const engine = new ResourceEngine(imports("/shared"));
    await engine.up();
    await new ResourceEngine(imports("/shared", "/more")).up();
    expect(await engine.refresh()).toBe("changed");
    expect(await engine.up()).toBe("updated");
    expect(await seen()).toEqual(["/shared"]);
  });
});

describe("tags of a project", () => {
  it("are made once, and those that are there are taken as they are", async () => {
    const tags = (more: { [slug: string]: string }) => () =>
      new ProjectTags("tags", { connection, projectId, tags: more });
    const engine = new ResourceEngine(tags({ red: "#ff0000" }));
    await engine.up();
    expect(await engine.up(tags({ red: "#ff0000", blue: "#0000ff" }))).toBe("updated");
    expect((await listTags(ask, projectId)).map(({ slug }) => slug)).toEqual(["red", "blue"]);
    expect(await engine.refresh()).toBe("same");
    const second = new ResourceEngine(tags({ red: "#aa0000" }));
    await second.up();
    expect((await listTags(ask, projectId)).find(({ slug }) => slug === "red")?.color).toBe("#ff0000");
    await second.destroy();
    expect(await listTags(ask, projectId)).toHaveLength(2);
  });
});

describe("people in a project", () => {
  const members = (named: { [email: string]: string }) => () =>
    new ProjectMembers("members", { connection, projectId, members: named });

  it("get their role", async () => {
    const engine = new ResourceEngine(members({ [ADMIN.email]: "viewer" }));
    await engine.up();
    expect(await listMembers(ask, projectId)).toMatchObject([{ email: ADMIN.email, role: "viewer" }]);
    expect(await engine.up()).toBe("unchanged");
    expect(await engine.refresh()).toBe("same");
  });

  it("who are members already stay when the stack goes", async () => {
    await addProjectAdmins(ask, projectId, [ADMIN.email]);
    const engine = new ResourceEngine(members({ [ADMIN.email]: "admin" }));
    await engine.up();
    expect(plain(engine.state?.outputs.adopted)).toEqual([ADMIN.email]);
    await engine.destroy();
    expect(await listMembers(ask, projectId)).toHaveLength(1);
  });

  it("whom the instance does not know are named", async () => {
    const engine = new ResourceEngine(members({ "nobody@example.com": "member" }));
    await expect(engine.up()).rejects.toThrow("not a user of this instance: nobody@example.com");
  });
});

describe("what was in a project that somebody deleted", () => {
  const place = () => ({ connection, projectId, environment: "dev", path: "/app" });
  const made: [string, () => ConstructorParameters<typeof ResourceEngine>[0]][] = [
    ["tags", () => () => new ProjectTags("x", { ...place(), tags: { red: "#ff0000" } })],
    ["members", () => () => new ProjectMembers("x", { ...place(), members: { [ADMIN.email]: "viewer" } })],
    ["imports", () => () => new SecretImports("x", { ...place(), imports: [{ environment: "dev", path: "/shared" }] })],
    ["secrets", () => secrets()],
    ["folder", () => () => new Folder("x", { ...place(), path: "/app/below" })],
  ];

  it.each(made)("is dropped from the state by a refresh: %s", async (_what, make) => {
    const engine = new ResourceEngine(make());
    await engine.up();
    await deleteProject(ask, projectId);
    expect(await engine.refresh()).toBe("gone");
  });

  it.each(made)("is no hindrance when the stack goes: %s", async (_what, make) => {
    const engine = new ResourceEngine(make());
    await engine.up();
    await deleteProject(ask, projectId);
    await engine.destroy();
    expect(engine.state).toBeUndefined();
  });
});
