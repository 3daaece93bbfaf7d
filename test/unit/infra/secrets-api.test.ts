import { describe, expect, it } from "vitest";
import type { Call } from "../../../infra/api/http";
import { asStored, batchesOf, deleteSecrets, listSecrets, writeSecrets } from "../../../infra/api/secrets";
import { fault } from "../../../infra/api/fault";

const PLACE = { projectId: "p", environment: "dev", secretPath: "/a" };
/** As a resource hands it over: with its credential in it. */
const INPUTS = { ...PLACE, connection: { clientSecret: "s3cret" } };

function recorder(answer: unknown = {}): { calls: Call[]; ask: (call: Call) => Promise<unknown> } {
  const calls: Call[] = [];
  return {
    calls,
    ask: async (call) => {
      calls.push(call);
      return answer;
    },
  };
}

function writes(count: number, size: number): { key: string; value: string }[] {
  return Array.from({ length: count }, (_, index) => ({ key: `KEY_${index}`, value: "x".repeat(size) }));
}

describe("batches", () => {
  it("hold at most 1,000 keys and keep their order", () => {
    const all = writes(2_001, 1);
    const batches = batchesOf(all);
    expect(batches.map((batch) => batch.length)).toEqual([1_000, 1_000, 1]);
    expect(batches.flat()).toEqual(all);
  });

  it("stay under 700,000 bytes, in bytes of UTF-8 and not in letters", () => {
    for (const value of ["x".repeat(100_000), "ä".repeat(50_000), '"'.repeat(50_000)]) {
      const batches = batchesOf(Array.from({ length: 10 }, (_, index) => ({ key: `KEY_${index}`, value })));
      const sizes = batches.map((batch) =>
        Buffer.byteLength(JSON.stringify(batch.map(({ key, value }) => ({ secretKey: key, secretValue: value })))),
      );
      expect(Math.max(...sizes)).toBeLessThan(1_000_000);
      expect(batches.map(({ length }) => length)).toEqual([6, 4]);
    }
  });

  it("send a value alone that is larger than a batch, and nothing for nothing", () => {
    expect(batchesOf(writes(3, 800_000)).map(({ length }) => length)).toEqual([1, 1, 1]);
    expect(batchesOf([])).toEqual([]);
  });

  it("are written as upsert and deleted by key, with nothing of a credential", async () => {
    const { calls, ask } = recorder();
    await writeSecrets(ask, INPUTS, [{ key: "A", value: "1", comment: "c" }]);
    await deleteSecrets(
      ask,
      INPUTS,
      writes(1_001, 0).map(({ key }) => key),
    );
    expect(calls[0]?.body).toEqual({
      ...PLACE,
      mode: "upsert",
      secrets: [{ secretKey: "A", secretValue: "1", secretComment: "c" }],
    });
    expect(
      calls.slice(1).map(({ method, body }) => [method, (body?.secrets as unknown[] | undefined)?.length]),
    ).toEqual([
      ["DELETE", 1_000],
      ["DELETE", 1],
    ]);
    expect(JSON.stringify(calls)).not.toContain("s3cret");
  });

  it("send nothing when nothing is to be deleted", async () => {
    const { calls, ask } = recorder();
    await deleteSecrets(ask, PLACE, []);
    expect(calls).toEqual([]);
  });
});

describe("asStored", () => {
  it.each([
    ["plain", "plain"],
    ["  both ends \t", "both ends"],
    ["ends with one newline\n", "ends with one newline\n"],
    ["with several\n\n\n", "with several\n"],
    ["\n\nbefore", "before"],
    ["space before the newline \n", "space before the newline\n"],
    ["two\nlines", "two\nlines"],
    ["", ""],
    ["  ", ""],
  ])("keeps %j as %j", (given, stored) => {
    expect(asStored(given)).toBe(stored);
    expect(asStored(stored)).toBe(stored);
  });
});

describe("listSecrets", () => {
  it("asks for values as they are written, without references expanded and without imports", async () => {
    const { calls, ask } = recorder({
      secrets: [
        { id: "1", secretKey: "A", secretValue: "${B}", version: 3 },
        { id: "2", secretKey: "C" },
      ],
    });
    expect(await listSecrets(ask, INPUTS)).toMatchObject([
      { key: "A", value: "${B}", comment: "", version: 3 },
      { key: "C", value: "", comment: "", version: 1 },
    ]);
    expect(calls[0]?.query).toEqual({
      ...PLACE,
      viewSecretValue: true,
      expandSecretReferences: false,
      includeImports: false,
    });
  });

  it("gives nothing for a folder that is missing, and throws what is not that", async () => {
    const failing = (status: number, error: string) => async () => {
      throw fault("no", { kind: "answer", status, error });
    };
    expect(await listSecrets(failing(404, "NotFound"), PLACE)).toBeUndefined();
    await expect(listSecrets(failing(404, "Not Found"), PLACE)).rejects.toThrow("no");
    await expect(listSecrets(failing(403, "PermissionDenied"), PLACE)).rejects.toThrow("no");
  });

  it("names what it misses in an answer of another form", async () => {
    const { ask } = recorder({ list: [] });
    await expect(listSecrets(ask, PLACE)).rejects.toThrow(/no list at "secrets".*check the version of the server/);
  });
});
