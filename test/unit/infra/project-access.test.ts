import { beforeEach, describe, expect, it } from "vitest";
import { ProjectAccess, type ProjectAccessArgs } from "../../../infra/resources/project-access";
import { Refused, type FakeInfisical, type FakeProject } from "../../support/fake-infisical";
import { fakeInfisical } from "../../support/fake-routes";
import { clear, ResourceEngine } from "../../support/resource-engine";

const READ = {
  subject: "secrets",
  action: ["describeSecret", "readValue"],
  conditions: { environment: { $eq: "dev" }, secretPath: { $eq: "/openai-rag" } },
};
const ANYTHING = { subject: "secrets", action: ["readValue", "edit"], conditions: {} };
const GRANT = { slug: "stack-access", permissions: [READ] };
const PRIVILEGES = "POST /api/v2/identity-project-additional-privilege";

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
  engine = new ResourceEngine(access());
});

function access(privileges: ProjectAccessArgs["privileges"] = [GRANT]): () => ProjectAccess {
  const args = { connection: fake.connection, projectId: "p", identityId: "app", privileges };
  return () => new ProjectAccess("access", args);
}

function granted(): { slug: string; permissions: object[] }[] {
  return project.privileges.map(({ slug, permissions }) => ({ slug, permissions }));
}

describe("access to a project", () => {
  it("is a membership that allows nothing, and the privileges that allow what is granted", async () => {
    expect(await engine.up()).toBe("created");
    expect(project.members.get("app")).toEqual(["no-access"]);
    expect(granted()).toEqual([GRANT]);
    expect(clear(engine.state?.outputs)).not.toContain("value-of");
  });

  it("changes nothing the second time, though the server writes rules in another order", async () => {
    await engine.up();
    expect(await engine.up()).toBe("unchanged");
    expect(await engine.refresh()).toBe("same");
    expect(await engine.up()).toBe("unchanged");
    expect(fake.count("PATCH /api/*")).toBe(0);
    expect(fake.count("DELETE /api/*")).toBe(0);
  });

  it("is made once when an answer is lost, of the membership or of the privilege", async () => {
    fake.loseAnswer("POST /api/v1/projects/p/memberships/identities/app");
    fake.loseAnswer(PRIVILEGES);
    expect(await engine.up()).toBe("created");
    expect(granted()).toEqual([GRANT]);
  });

  it("follows a change, and takes back before it grants", async () => {
    await engine.up();
    const narrower = { slug: "narrower", permissions: [{ ...READ, action: ["describeSecret"] }] };
    expect(await engine.up(access([narrower]))).toBe("updated");
    expect(granted()).toEqual([narrower]);
    const order = fake.received.map(({ method }) => method).filter((method) => method !== "GET");
    expect(order.slice(-2)).toEqual(["DELETE", "POST"]);
  });
});

describe("access to a project that was changed by hand", () => {
  it("that somebody widened is a named finding, and is taken back", async () => {
    await engine.up();
    project.members.set("app", ["no-access", "admin"]);
    project.privileges[0]?.permissions.push(ANYTHING);
    project.privileges.push({ id: "x", identityId: "app", slug: "by-hand", permissions: [ANYTHING], type: {} });
    expect(await engine.refresh()).toBe("changed");
    expect(engine.state?.outputs.findings).toEqual([
      'has the role "admin"',
      'has the privilege "stack-access" in another form than granted',
      'has the privilege "by-hand", which this stack did not grant',
    ]);
    expect(await engine.up()).toBe("updated");
    expect(project.members.get("app")).toEqual(["no-access"]);
    expect(granted()).toEqual([GRANT]);
    expect(engine.state?.outputs.findings).toEqual([]);
  });

  it("that somebody took away is granted again", async () => {
    await engine.up();
    project.privileges = [];
    expect(await engine.refresh()).toBe("changed");
    expect(await engine.up()).toBe("updated");
    expect(granted()).toEqual([GRANT]);
    project.members.clear();
    expect(await engine.refresh()).toBe("gone");
    expect(await engine.up()).toBe("created");
  });

  it("with an end keeps it, within the seconds that the server rounds by", async () => {
    const endsAt = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 3_600_400).toISOString();
    expect(await engine.up(access([{ ...GRANT, endsAt }]))).toBe("created");
    expect(project.privileges[0]?.type).toMatchObject({ isTemporary: true });
    expect(await engine.refresh()).toBe("same");
    const later = new Date(Date.parse(endsAt) + 60_000).toISOString();
    expect(await engine.up(access([{ ...GRANT, endsAt: later }]))).toBe("updated");
    expect(await engine.up(access())).toBe("updated");
    expect(project.privileges[0]?.type).toMatchObject({ isTemporary: false });
  });
});

describe("access to a project when something fails or goes", () => {
  it("half granted is kept and finished", async () => {
    fake.refuseNext(PRIVILEGES, new Refused(403, "PermissionDenied", "no"));
    await expect(engine.up()).rejects.toThrow("could not create ProjectAccess of identity app");
    expect(granted()).toEqual([]);
    await engine.refresh();
    expect(await engine.up()).toBe("updated");
    expect(granted()).toEqual([GRANT]);
  });

  it("ends with the membership, and in peace when that is over already", async () => {
    await engine.up();
    await engine.destroy();
    expect([project.members.size, project.privileges.length]).toEqual([0, 0]);
    await engine.up();
    project.members.clear();
    await engine.destroy();
    expect(engine.state).toBeUndefined();
  });
});
