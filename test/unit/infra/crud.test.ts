import type * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { fault } from "../../../infra/api/fault";
import { canonical, defineProvider, isUnknown, type Kind, type Save } from "../../../infra/resources/crud";
import { sealed, sealedAt } from "../../../infra/resources/sealed";
import { clear } from "../../support/resource-engine";

/** What the engine hands to `check` and `diff` in place of a value that it does not know yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

interface Inputs {
  name: string;
  owner: string;
  login: { email: string; password: string };
  values: { [key: string]: string };
}

interface Outputs {
  made: string;
  token: string;
}

type ResourceProvider = pulumi.dynamic.ResourceProvider;

const INPUTS: Inputs = {
  name: "one",
  owner: "infisical/dev",
  login: { email: "a@b.c", password: "s3cret-password" },
  values: { A: "s3cret-a", B: "s3cret-b" },
};
const OUTPUTS: Outputs = { made: "yes", token: "s3cret-token" };
const STATE = { ...INPUTS, ...OUTPUTS, complete: true, revision: 3, __provider: "text" };

function provider(parts: Partial<Kind<Inputs, Outputs>> = {}) {
  return defineProvider<Inputs, Outputs>({
    noun: "Thing",
    title: ({ name }) => `"${name}"`,
    revision: 3,
    secrets: ["login.password", "values.*", "token"],
    replaceOn: ["owner"],
    converge: async () => ({ id: "id-1", outputs: OUTPUTS }),
    read: async () => ({ inputs: INPUTS, outputs: OUTPUTS }),
    remove: async () => {},
    ...parts,
  });
}

describe("check", () => {
  it("adds the revision of the kind, so that newer code gets into the state by an update", async () => {
    const checked = await provider().check?.({}, { ...INPUTS });
    expect(checked).toEqual({ inputs: { ...INPUTS, revision: 3 }, failures: [] });
  });
});

describe("diff", () => {
  const news = { ...INPUTS, revision: 3, __provider: "newer text" };
  const diffOf = async (kind: ResourceProvider, olds: object, changes: object) => {
    const { changes: seen, ...rest } = (await kind.diff?.("id-1", olds, { ...news, ...changes })) ?? {};
    // Left open, the engine compares the inputs itself, and finds the same.
    return { changes: seen ?? true, ...rest };
  };
  const diff = (olds: object, changes: object) => diffOf(provider(), olds, changes);

  it("is none when every input is as in the state, whatever else the state holds", async () => {
    expect(await diff(STATE, {})).toMatchObject({ changes: false, replaces: [] });
  });

  it("does not mind the order of keys", async () => {
    expect(await diff(STATE, { values: { B: "s3cret-b", A: "s3cret-a" } })).toMatchObject({ changes: false });
  });

  it("is an update for a changed input, and a replacement for one that needs another object", async () => {
    expect(await diff(STATE, { name: "two" })).toMatchObject({ changes: true, replaces: [] });
    expect(await diff(STATE, { owner: "other" })).toMatchObject({
      changes: true,
      replaces: ["owner"],
      deleteBeforeReplace: true,
    });
  });

  it("never replaces on account of a value that is not known yet, at any depth", async () => {
    expect(await diff(STATE, { owner: UNKNOWN })).toMatchObject({ changes: true, replaces: [] });
    const nested = defineProvider<Inputs, Outputs>({ ...KIND, replaceOn: ["login"] });
    const unknown = { login: { email: UNKNOWN, password: "s3cret-password" } };
    expect(await diffOf(nested, STATE, unknown)).toMatchObject({ changes: true, replaces: [] });
  });

  it("is an update until the object is complete, and when the code in the state is older", async () => {
    expect(await diff({ ...STATE, complete: false }, {})).toMatchObject({ changes: true });
    const { complete: _, ...without } = STATE;
    expect(await diff(without, {})).toMatchObject({ changes: true });
    expect(await diff({ ...STATE, revision: 2 }, {})).toMatchObject({ changes: true, replaces: [] });
  });

  it("is an update when something has come due by time alone", async () => {
    const kind = provider({ due: ({ made }) => made === "yes" });
    expect(await kind.diff?.("id-1", STATE, news)).toMatchObject({ changes: true, replaces: [] });
    expect(await provider().diff?.("id-1", STATE, news)).toMatchObject({ changes: false });
  });
});

describe("create and update", () => {
  it("return the inputs, the outputs, the mark of completeness and the revision, every secret sealed", async () => {
    const created = await provider().create({ ...INPUTS, __provider: "text" });
    const { outs } = (await provider().update?.("id-1", STATE, { ...INPUTS, name: "two" })) ?? {};
    expect(created.id).toBe("id-1");
    expect(JSON.parse(clear(created.outs))).toEqual({
      name: "one",
      owner: "infisical/dev",
      login: { email: "a@b.c", password: "[secret]" },
      values: { A: "[secret]", B: "[secret]" },
      made: "yes",
      token: "[secret]",
      complete: true,
      revision: 3,
    });
    expect(clear(outs)).not.toContain("s3cret");
    expect(outs).toMatchObject({ name: "two", complete: true });
  });

  const failing = (saved: boolean) =>
    provider({
      converge: async (_inputs: Inputs, _known: unknown, save: Save<Outputs>) => {
        if (saved) save("id-1", { ...OUTPUTS, made: "half" });
        throw fault("PATCH /api/thing on http://x: 500", { kind: "answer", status: 500 });
      },
    });
  const thrownBy = (run: Promise<unknown> | undefined) =>
    (run ?? Promise.resolve()).then(
      () => ({}) as { [name: string]: unknown },
      (thrown: Error & { [name: string]: unknown }) => thrown,
    );

  it("fail plainly when nothing was made", async () => {
    const thrown = await thrownBy(failing(false).create({ ...INPUTS }));
    expect(thrown).not.toHaveProperty("id");
    expect(thrown.message).toBe('could not create Thing "one": PATCH /api/thing on http://x: 500');
    expect(thrown.stack).toBe(thrown.message);
  });

  it("give the engine what is half made: its id, what is known of it, and the whole story as the reason", async () => {
    const thrown = await thrownBy(failing(true).create({ ...INPUTS, __provider: "text" }));
    expect(thrown).toMatchObject({ id: "id-1", reasons: [thrown.message] });
    expect(thrown.properties).toMatchObject({ name: "one", made: "half", complete: false, revision: 3 });
    expect(clear(thrown.properties)).not.toContain("s3cret");
  });

  it("put the code into what is half made, without which it could be neither read nor deleted", async () => {
    const created = await thrownBy(failing(true).create({ ...INPUTS, __provider: "text" }));
    expect(created.properties).toMatchObject({ __provider: "text" });
    const updated = await thrownBy(failing(true).update?.("id-1", STATE, { ...INPUTS, __provider: "newer text" }));
    expect(updated.properties).toMatchObject({ __provider: "newer text", made: "half" });
  });

  it("show a mistake of the program with its place, and a user's without", async () => {
    const mistaken = provider({
      converge: async () => {
        throw new TypeError("x is not a function");
      },
    });
    expect((await thrownBy(mistaken.create({ ...INPUTS }))).message).toMatch(/TypeError: x is not a function\n\s+at /);
  });
});

describe("read", () => {
  it("returns inputs as they really are, so that drift shows, with the revision of the state, all sealed", async () => {
    const drifted = provider({ read: async () => ({ inputs: { ...INPUTS, name: "drifted" }, outputs: OUTPUTS }) });
    const read = await drifted.read?.("id-1", { ...STATE, revision: 2 });
    expect(read?.inputs).toMatchObject({ name: "drifted", owner: "infisical/dev", revision: 2 });
    expect(read?.inputs).not.toHaveProperty("__provider");
    expect(read?.inputs).not.toHaveProperty("made");
    expect(read?.props).toMatchObject({ name: "drifted", made: "yes", complete: true, revision: 2 });
    expect(clear(read)).not.toContain("s3cret");
  });

  it("does not take a half-made object for a whole one", async () => {
    const read = await provider().read?.("id-1", { ...STATE, complete: false });
    expect(read?.props).toMatchObject({ complete: false });
    const broken = provider({ read: async () => ({ inputs: INPUTS, outputs: OUTPUTS, complete: false }) });
    expect((await broken.read?.("id-1", STATE))?.props).toMatchObject({ complete: false });
  });

  it("returns nothing for an object that is gone, and fails when the server does not say", async () => {
    expect(await provider({ read: async () => undefined }).read?.("id-1", STATE)).toEqual({});
    const down = provider({
      read: async () => {
        throw fault("no answer", { kind: "connection" });
      },
    });
    await expect(down.read?.("id-1", STATE)).rejects.toThrow('could not read Thing "one": no answer');
  });
});

describe("sealedAt", () => {
  it("seals what is there, leaves the given object alone, and seals nothing twice", () => {
    const given = { a: { b: "s3cret" }, list: ["x"], none: null, map: { K: "s3cret", L: sealed("s3cret") } };
    const copy = sealedAt(given, ["a.b", "a.c.d", "none", "missing.*", "map.*", "list.b"]);
    expect(JSON.parse(clear(copy))).toEqual({
      a: { b: "[secret]" },
      list: ["x"],
      none: null,
      map: { K: "[secret]", L: "[secret]" },
    });
    expect(JSON.stringify(copy).match(/4dabf18193072939515e22adb298388d/g)).toHaveLength(3);
    expect(given.a.b).toBe("s3cret");
  });
});

describe("canonical and isUnknown", () => {
  it("compare by content", () => {
    expect(canonical({ a: [{ c: 1, b: 2 }], d: null })).toBe(canonical({ d: null, a: [{ b: 2, c: 1 }] }));
    expect(canonical(["a", "b"])).not.toBe(canonical(["b", "a"]));
    expect(canonical(undefined)).not.toBe(canonical(null));
  });

  it("find the sign of the unknown anywhere", () => {
    expect([UNKNOWN, { a: [UNKNOWN] }, "known", undefined, 1].map(isUnknown)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

const KIND: Kind<Inputs, Outputs> = {
  noun: "Thing",
  title: ({ name }) => name,
  revision: 3,
  secrets: [],
  replaceOn: [],
  converge: async () => ({ id: "id-1", outputs: OUTPUTS }),
  read: async () => undefined,
  remove: async () => {},
};
