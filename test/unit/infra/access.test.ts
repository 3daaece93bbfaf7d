import { afterEach, describe, expect, it, vi } from "vitest";
import { createPrivilege, listPrivileges, removeMember } from "../../../infra/api/access";
import { fault } from "../../../infra/api/fault";
import type { Call } from "../../../infra/api/http";

const MEMBER = { projectId: "p", identityId: "i" };
const READ = { subject: "secrets", action: ["describeSecret", "readValue"] };

afterEach(() => {
  vi.useRealTimers();
});

/** Answers a list with ids only, and each single one whole, as the server does. */
function holding(...privileges: { id: string; [field: string]: unknown }[]) {
  return async ({ path }: Call): Promise<unknown> => {
    const one = privileges.find(({ id }) => path.endsWith(`/${id}`));
    return one === undefined ? { privileges: privileges.map(({ id, slug }) => ({ id, slug })) } : { privilege: one };
  };
}

describe("privileges of a member", () => {
  it("are read one by one, since a list has no rules, in one form whatever the server writes", async () => {
    const conditions = { secretPath: { $eq: "/a" }, environment: { $eq: "dev" } };
    const ask = holding(
      { id: "1", slug: "plain", permissions: [{ ...READ, conditions, inverted: false }], isTemporary: false },
      { id: "2", slug: "single", permissions: [{ subject: ["a", "b"], action: "read" }], temporaryAccessEndTime: null },
    );
    expect(await listPrivileges(ask, MEMBER)).toEqual([
      { id: "1", slug: "plain", permissions: [{ ...READ, conditions }] },
      { id: "2", slug: "single", permissions: [{ subject: "a,b", action: ["read"], conditions: {} }] },
    ]);
  });

  it("show a rule that forbids as what it is, so that it never passes for one that allows", async () => {
    const ask = holding({ id: "1", slug: "s", permissions: [{ ...READ, inverted: true }] });
    expect((await listPrivileges(ask, MEMBER))[0]?.permissions[0]?.subject).toBe("not secrets");
  });

  it("show when a temporary one ends", async () => {
    const endsAt = "2030-01-01T00:00:00.000Z";
    const ask = holding({ id: "1", slug: "s", permissions: [], isTemporary: true, temporaryAccessEndTime: endsAt });
    expect((await listPrivileges(ask, MEMBER))[0]?.endsAt).toBe(endsAt);
  });

  it("are none for one who is no member, which the server answers with 400", async () => {
    const ask = async (): Promise<never> => {
      throw fault("Actor doesn't have membership", { kind: "answer", status: 400 });
    };
    expect(await listPrivileges(ask, MEMBER)).toEqual([]);
  });
});

describe("a grant", () => {
  const granted = async (endsAt?: string): Promise<unknown> => {
    let body: Call["body"];
    const ask = async (call: Call): Promise<unknown> => {
      body = call.body;
      return { privilege: { id: "1" } };
    };
    const member = { ...MEMBER, connection: { clientSecret: "s3cret" } };
    await createPrivilege(ask, member, { slug: "s", permissions: [], ...(endsAt === undefined ? {} : { endsAt }) });
    return body;
  };

  it("stays when no end is named, and takes nothing with it that is not the server's business", async () => {
    expect(await granted()).toEqual({ ...MEMBER, slug: "s", permissions: [], type: { isTemporary: false } });
  });

  it("with an end is a range in seconds from now, and never none", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2030-01-01T00:00:00Z") });
    expect(await granted("2030-01-01T01:00:00Z")).toMatchObject({
      type: {
        isTemporary: true,
        temporaryMode: "relative",
        temporaryRange: "3600s",
        temporaryAccessStartTime: "2030-01-01T00:00:00.000Z",
      },
    });
    expect(await granted("2020-01-01T00:00:00Z")).toMatchObject({ type: { temporaryRange: "1s" } });
  });
});

describe("the end of a membership", () => {
  it.each([404, 400])("is fine when it is over already (%i)", async (status) => {
    const ask = async (): Promise<never> => {
      throw fault("gone", { kind: "answer", status });
    };
    await expect(removeMember(ask, MEMBER)).resolves.toBeUndefined();
  });

  it("fails when it is forbidden", async () => {
    const ask = async (): Promise<never> => {
      throw fault("forbidden", { kind: "answer", status: 403 });
    };
    await expect(removeMember(ask, MEMBER)).rejects.toThrow("forbidden");
  });
});
