import { beforeEach, describe, expect, it } from "vitest";
import { ProjectMembers } from "../../../infra/resources/project-members";
import { startFake, type FakeInfisical, type Route } from "../../support/fake-infisical";
import { ResourceEngine } from "../../support/resource-engine";

interface Held {
  id: string;
  email: string;
  role: string;
}

/** Changing and removing a member as Infisical's documentation tells of it: neither was recorded. */
function routesOf(held: Held[]): Route[] {
  const list = /^\/api\/v1\/projects\/p\/memberships$/;
  const one = /^\/api\/v1\/projects\/p\/memberships\/([^/]+)$/;
  const field = (request: { body?: unknown }, name: string): unknown =>
    (request.body as { [name: string]: unknown })[name];
  return [
    {
      ...{ method: "POST", path: /universal-auth\/login$/, open: true },
      answer: (world) => {
        world.tokens.add("token");
        return { accessToken: "token", expiresIn: 7200, tokenType: "Bearer" };
      },
    },
    {
      ...{ method: "GET", path: list },
      answer: () => ({
        memberships: held.map(({ id, email, role }) => ({ id, user: { email }, roles: [{ role }] })),
      }),
    },
    {
      ...{ method: "POST", path: list },
      answer: (_world, request) => {
        const [role] = field(request, "roleSlugs") as string[];
        for (const email of field(request, "emails") as string[]) {
          held.push({ id: `m${held.length + 1}`, email, role: role ?? "" });
        }
        return { memberships: [] };
      },
    },
    {
      ...{ method: "PATCH", path: one },
      answer: (_world, request, [id]) => {
        const [first] = field(request, "roles") as { role: string }[];
        for (const member of held) if (member.id === id) member.role = first?.role ?? "";
        return { roles: [] };
      },
    },
    {
      ...{ method: "DELETE", path: list },
      answer: (_world, request) => {
        const emails = field(request, "emails") as string[];
        held.splice(0, held.length, ...held.filter(({ email }) => !emails.includes(email)));
        return { memberships: [] };
      },
    },
  ];
}

describe("people in a project", () => {
  let held: Held[];
  let fake: FakeInfisical;

  const members = (named: { [email: string]: string }) => () =>
    new ProjectMembers("members", { connection: fake.connection, projectId: "p", members: named });
  const roles = (): { [email: string]: string } => Object.fromEntries(held.map(({ email, role }) => [email, role]));

  beforeEach(async () => {
    held = [{ id: "m0", email: "theirs@example.com", role: "admin" }];
    fake = await startFake(routesOf(held));
  });

  it("get another role, and go when the blueprint drops them; others are left alone", async () => {
    const engine = new ResourceEngine(members({ "a@example.com": "member", "b@example.com": "viewer" }));
    await engine.up();
    expect(await engine.up(members({ "a@example.com": "admin" }))).toBe("updated");
    expect(roles()).toEqual({ "theirs@example.com": "admin", "a@example.com": "admin" });
    await engine.destroy();
    expect(roles()).toEqual({ "theirs@example.com": "admin" });
  });

  it("whose role people changed get it back", async () => {
    const engine = new ResourceEngine(members({ "a@example.com": "viewer" }));
    await engine.up();
    for (const member of held) if (member.email === "a@example.com") member.role = "admin";
    expect(await engine.refresh()).toBe("changed");
    expect(await engine.up()).toBe("updated");
    expect(roles()).toMatchObject({ "a@example.com": "viewer" });
  });

  it("who were there before are given their role, and stay when the blueprint drops them", async () => {
    const engine = new ResourceEngine(members({ "theirs@example.com": "viewer", "a@example.com": "viewer" }));
    await engine.up();
    await engine.up(members({ "a@example.com": "viewer" }));
    expect(roles()).toEqual({ "theirs@example.com": "viewer", "a@example.com": "viewer" });
  });
});
