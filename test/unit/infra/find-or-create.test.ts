import { beforeEach, describe, expect, it, vi } from "vitest";
import { fault, refusal } from "../../../infra/api/fault";
import { findOrCreate } from "../../../infra/api/find-or-create";

const pauses = vi.hoisted((): number[] => []);
vi.mock("node:timers/promises", () => ({
  setTimeout: async (milliseconds: number) => {
    pauses.push(milliseconds);
  },
}));

beforeEach(() => {
  pauses.length = 0;
});

const lost = (): Error => fault("no answer", { kind: "connection", uncertain: true });
const taken = (): Error => fault("exists", { kind: "answer", status: 400 });

/** A server that holds at most one object. */
function world(there?: string) {
  let object = there;
  const made: string[] = [];
  return {
    made,
    find: async () => object,
    /** Makes it, then fails as told. */
    create: (...failures: { made: boolean; thrown: Error }[]) => {
      return async () => {
        const failure = failures.shift();
        if (failure === undefined || failure.made) {
          object = "object";
          made.push("object");
        }
        if (failure !== undefined) throw failure.thrown;
        return "object";
      };
    },
    appear: () => {
      object = "of somebody else";
    },
  };
}

describe("findOrCreate", () => {
  it("makes nothing when the object is there", async () => {
    const { find, create, made } = world("old");
    expect(await findOrCreate(find, create())).toBe("old");
    expect(made).toEqual([]);
  });

  it("makes it when it is not there", async () => {
    const { find, create, made } = world();
    expect(await findOrCreate(find, create())).toBe("object");
    expect(made).toHaveLength(1);
  });

  it("finds what was made when only the answer was lost, and makes nothing twice", async () => {
    const { find, create, made } = world();
    expect(await findOrCreate(find, create({ made: true, thrown: lost() }))).toBe("object");
    expect(made).toHaveLength(1);
  });

  it("makes it again when the request was lost, after growing pauses", async () => {
    const { find, create, made } = world();
    const failure = { made: false, thrown: lost() };
    expect(await findOrCreate(find, create(failure, failure))).toBe("object");
    expect(made).toHaveLength(1);
    expect(pauses).toEqual([500, 1_000]);
  });

  it("gives up after four attempts with the last fault", async () => {
    const { find, create } = world();
    const thrown = lost();
    const making = vi.fn<() => Promise<string>>(create(...Array.from({ length: 9 }, () => ({ made: false, thrown }))));
    await expect(findOrCreate(find, making)).rejects.toBe(thrown);
    expect(making).toHaveBeenCalledTimes(4);
  });

  it("takes what somebody else made in between, which this server answers with 400", async () => {
    const { find, appear } = world();
    const create = async (): Promise<string> => {
      appear();
      throw taken();
    };
    expect(await findOrCreate(find, create)).toBe("of somebody else");
  });

  it("throws a 400 that is no 'exists already' on the second time", async () => {
    const { find, create } = world();
    const making = vi.fn<() => Promise<string>>(
      create({ made: false, thrown: taken() }, { made: false, thrown: taken() }),
    );
    await expect(findOrCreate(find, making)).rejects.toThrow("exists");
    expect(making).toHaveBeenCalledTimes(2);
  });

  it.each([refusal("not wanted"), fault("forbidden", { kind: "answer", status: 403 }), new TypeError("a mistake")])(
    "throws on at once: %s",
    async (thrown) => {
      const { find, create } = world();
      const making = vi.fn<() => Promise<string>>(create({ made: false, thrown }));
      await expect(findOrCreate(find, making)).rejects.toBe(thrown);
      expect(making).toHaveBeenCalledTimes(1);
    },
  );
});
