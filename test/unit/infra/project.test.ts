import { beforeEach, describe, expect, it } from "vitest";
import { limits } from "../../../infra/api/http";
import { Project, type ProjectArgs } from "../../../infra/resources/project";
import { Refused, type FakeInfisical, type FakeProject } from "../../support/fake-infisical";
import { fakeInfisical } from "../../support/fake-routes";
import { clear, ResourceEngine } from "../../support/resource-engine";

const CREATE = "POST /api/v1/projects";
const DEV = { slug: "dev", name: "Development" };
const PROD = { slug: "prod", name: "Production" };

let fake: FakeInfisical;
let engine: ResourceEngine;

beforeEach(async () => {
  fake = await fakeInfisical();
  engine = new ResourceEngine(project());
});

function project(more: Partial<ProjectArgs> = {}): () => Project {
  const args = {
    connection: fake.connection,
    slug: "my-rag",
    name: "my-rag",
    description: "of the application",
    environments: [DEV, PROD],
    admins: ["admin@example.com"],
    ...more,
  };
  return () => new Project("my-rag", args);
}

function there(): FakeProject {
  const [only, ...others] = fake.world.projects;
  if (only === undefined || others.length > 0) throw new Error(`${fake.world.projects.length} projects`);
  return only;
}

function addProject(slug: string): FakeProject {
  const made = {
    id: `old-${slug}`,
    slug,
    name: "old",
    description: null,
    admins: [],
    secrets: [],
    environments: [
      {
        ...DEV,
        id: "old-dev",
        position: 1,
      },
    ],
    folders: [
      {
        id: "old-folder",
        environment: "dev",
        path: "/kept",
        description: null,
      },
    ],
    members: new Map(),
    privileges: [],
  };
  fake.world.projects.push(made);
  return made;
}

describe("a project", () => {
  it("is made with its environments in their order and with the people who administer it", async () => {
    expect(await engine.up()).toBe("created");
    expect(there()).toMatchObject({
      slug: "my-rag",
      name: "my-rag",
      description: "of the application",
      admins: ["admin@example.com"],
      environments: [
        {
          ...DEV,
          position: 1,
        },
        {
          ...PROD,
          position: 2,
        },
      ],
    });
    expect(engine.state?.id).toBe(there().id);
    expect(clear(engine.state?.outputs)).not.toContain("value-of");
  });

  it("changes nothing the second time, nor after a refresh", async () => {
    await engine.up();
    expect(await engine.up()).toBe("unchanged");
    expect(await engine.refresh()).toBe("same");
    expect(await engine.up()).toBe("unchanged");
    expect(fake.count("PATCH /api/*")).toBe(0);
  });

  it("is made once when an answer is lost, of the project or of an environment", async () => {
    fake.loseAnswer(CREATE);
    fake.loseAnswer("POST /api/v1/projects/*");
    expect(await engine.up()).toBe("created");
    expect(fake.count(CREATE)).toBe(1);
    expect(there().environments.map(({ slug }) => slug)).toEqual(["dev", "prod"]);
  });

  it("follows a change of name, slug, description and environments, and stays the same project", async () => {
    await engine.up();
    const { id } = there();
    const environments = [
      { slug: "dev", name: "Dev" },
      { slug: "staging", name: "Staging" },
    ];
    expect(await engine.up(project({ name: "new", slug: "new-slug", description: "", environments }))).toBe("updated");
    expect(there()).toMatchObject({ id, name: "new", slug: "new-slug", description: "" });
    expect(there().environments.map(({ slug, name }) => ({ slug, name }))).toEqual(environments);
    expect(await engine.up()).toBe("unchanged");
  });

  it("leaves environments alone that others made, and deletes those that it made and no longer wants", async () => {
    await engine.up();
    there().environments.push({ id: "theirs", slug: "theirs", name: "Theirs", position: 3 });
    expect(await engine.refresh()).toBe("same");
    await engine.up(project({ environments: [DEV] }));
    expect(there().environments.map(({ slug }) => slug)).toEqual(["dev", "theirs"]);
  });
});

describe("a project that something happened to", () => {
  it("finds drift by a refresh, and puts it right", async () => {
    await engine.up();
    const found = there();
    Object.assign(found, { name: "drifted", admins: [] });
    found.environments = found.environments.filter(({ slug }) => slug !== "prod");
    expect(await engine.refresh()).toBe("changed");
    expect(engine.state?.inputs).toMatchObject({ name: "drifted", admins: [], environments: [DEV] });
    expect(await engine.up()).toBe("updated");
    expect(there()).toMatchObject({ name: "my-rag", admins: ["admin@example.com"], environments: [DEV, PROD] });
  });

  it("that was deleted is found by a refresh, and made again", async () => {
    await engine.up();
    fake.world.projects = [];
    expect(await engine.refresh()).toBe("gone");
    expect(await engine.up()).toBe("created");
    await engine.destroy();
    expect(fake.world.projects).toEqual([]);
  });

  it("half made is kept, stays to be finished after a refresh, and can be deleted", async () => {
    fake.refuseNext("POST /api/v1/projects/*", new Refused(403, "PermissionDenied", "not allowed"));
    await expect(engine.up()).rejects.toThrow('could not create Project "my-rag"');
    expect(engine.state?.initErrors?.[0]).toMatch(/not allowed/);
    await engine.refresh();
    expect(await engine.up()).toBe("updated");
    expect(there().environments).toHaveLength(2);
    await engine.destroy();
    expect(fake.world.projects).toEqual([]);
  });

  it("goes in peace when it is gone already", async () => {
    await engine.up();
    fake.world.projects = [];
    await engine.destroy();
    expect(engine.state).toBeUndefined();
  });

  it("says what to do when it is gone under an update", async () => {
    await engine.up();
    fake.world.projects = [];
    await expect(engine.up(project({ name: "new" }))).rejects.toThrow(/gone from the server\. Run `pulumi refresh`/);
  });
});

describe("a project that was there before", () => {
  it("is taken over, and stays when the stack goes", async () => {
    const old = addProject("my-rag");
    expect(await engine.up()).toBe("created");
    expect(engine.state).toMatchObject({ id: old.id, outputs: { adopted: true } });
    expect(old.environments).toHaveLength(2);
    await engine.destroy();
    expect(fake.world.projects).toEqual([old]);
  });

  it("goes with the stack when that is asked for, and one of our own stays when that is", async () => {
    addProject("my-rag");
    await engine.up(project({ deletion: "delete" }));
    await engine.destroy();
    expect(fake.world.projects).toEqual([]);
    await engine.up(project({ deletion: "keep" }));
    await engine.destroy();
    expect(fake.world.projects).toHaveLength(1);
  });

  it("is refused when the project has to be new", async () => {
    addProject("my-rag");
    await expect(engine.up(project({ adoption: "create" }))).rejects.toThrow(/is there already; adopt it, or choose/);
    expect(engine.state).toBeUndefined();
  });

  it("counts as one of our own while nothing is in it: a run that was killed may have made it", async () => {
    addProject("my-rag").folders.pop();
    await engine.up(project({ adoption: "create" }));
    expect(engine.state).toMatchObject({ outputs: { adopted: false } });
    await engine.destroy();
    expect(fake.world.projects).toEqual([]);
  });

  it("is wanted by `adopt`, which makes none", async () => {
    await expect(engine.up(project({ adoption: "adopt" }))).rejects.toThrow("there is no project with this slug");
    expect(fake.world.projects).toEqual([]);
  });

  it("is waited for when the program has just been let in", async () => {
    const old = addProject("my-rag");
    fake.refuseNext("GET /api/v1/projects/slug/my-rag", new Refused(403, "PermissionDenied", "not yet"));
    await engine.up();
    expect(engine.state).toMatchObject({ id: old.id });
  });

  it("is not taken for a free slug when the program may not see it", async () => {
    limits.permissionDelay = 0;
    const refused = new Refused(403, "ProjectMembershipNotFound", "You are not a member of this project");
    fake.refuseNext("GET /api/v1/projects/slug/my-rag", refused);
    await expect(engine.up()).rejects.toThrow(/exists, and the identity .* is not a member of it\. Make it an admin/);
    expect(fake.count(CREATE)).toBe(0);
  });
});
