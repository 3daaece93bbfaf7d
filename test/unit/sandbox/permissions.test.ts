import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IdentityActor } from "../../../sandbox/auth/actor.js";
import { createPermissions } from "../../../sandbox/permissions.js";
import { addProjectMember, setMembershipRoles } from "../../../sandbox/project-memberships.js";
import { createMemoryCache } from "../../../sandbox/store/cache.js";
import { queryRow } from "../../../sandbox/store/store.js";
import { openTestApp, type TestApp } from "./sandbox-app.js";

let server: TestApp;
beforeAll(async () => {
  server = await openTestApp();
}, 60_000);
afterAll(() => server.app.close());

async function memberOf(role: string): Promise<{ actor: IdentityActor; projectId: string; membershipId: string }> {
  const { store } = server.sandbox;
  const insert = async (sql: string, ...parameters: unknown[]): Promise<string> =>
    (await queryRow<{ id: string }>(store, `${sql} returning id`, parameters)).id;
  const orgId = await insert("insert into organizations (name, slug) values ('o', gen_random_uuid()::text)");
  const projectId = await insert("insert into projects (org_id, name, slug) values ($1, 'p', 'p')", orgId);
  const id = await insert("insert into identities (org_id, name) values ($1, 'i')", orgId);
  const membership = await addProjectMember(store, projectId, { kind: "identity", id }, [{ role }]);
  const actor = { kind: "identity", id, name: "i", orgId, tokenId: "t", authMethod: "universal-auth" } as const;
  return { actor, projectId, membershipId: membership.id };
}

describe("permissions in a project", () => {
  it("stay for ten seconds as they were at the first access, grants and revocations alike", async () => {
    let now = 0;
    const { store } = server.sandbox;
    const permissions = createPermissions(
      store,
      createMemoryCache(() => now),
      10_000,
    );
    const { actor, projectId, membershipId } = await memberOf("viewer");
    const mayRead = async (): Promise<boolean> =>
      (await permissions.inProject(actor, projectId)).can("readValue", "secrets");
    expect(await mayRead()).toBe(true);
    await setMembershipRoles(store, membershipId, [{ role: "no-access" }]);
    now = 9_999;
    expect(await mayRead()).toBe(true);
    now = 10_000;
    expect(await mayRead()).toBe(false);
  });

  it("are there at once for a member whose first access comes after the grant", async () => {
    const { store, cache } = server.sandbox;
    const permissions = createPermissions(store, cache, 10_000);
    const { actor, projectId, membershipId } = await memberOf("no-access");
    await store.query("insert into additional_privileges (membership_id, slug, permissions) values ($1, 'p', $2)", [
      membershipId,
      JSON.stringify([{ subject: "secrets", action: ["readValue"] }]),
    ]);
    const grants = await permissions.inProject(actor, projectId);
    expect(grants.can("readValue", "secrets")).toBe(true);
    expect(() => grants.require("create", "secrets")).toThrow("You are not allowed to create on secrets");
  });

  it("leave out a temporary grant that is over", async () => {
    const { store, permissions } = server.sandbox;
    const { actor, projectId, membershipId } = await memberOf("no-access");
    await setMembershipRoles(store, membershipId, [
      { role: "admin", isTemporary: true, temporaryMode: "relative", temporaryRange: "1s", temporaryEnd: new Date(0) },
    ]);
    expect((await permissions.inProject(actor, projectId)).can("read", "role")).toBe(false);
  });

  it("are 404 without the project and 403 without the membership", async () => {
    const { permissions } = server.sandbox;
    const member = await memberOf("admin");
    const nowhere = "00000000-0000-0000-0000-000000000000";
    await expect(permissions.inProject(member.actor, nowhere)).rejects.toMatchObject({ statusCode: 404 });
    await expect(permissions.inProject(member.actor, "xyz")).rejects.toMatchObject({ statusCode: 404 });
    const stranger = { ...member.actor, id: nowhere };
    await expect(permissions.inProject(stranger, member.projectId)).rejects.toMatchObject({
      statusCode: 403,
      errorName: "ProjectMembershipNotFound",
    });
  });
});
