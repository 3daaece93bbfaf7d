import { describe, expect, it } from "vitest";
import { Mapping } from "./mapping.js";
import { shapeDifferences } from "./shape.js";
import { valueDifferences } from "./values.js";

const RECORDED_ID = "11111111-1111-4111-8111-111111111111";
const LIVE_ID = "22222222-2222-4222-8222-222222222222";

describe("the comparison of a recorded answer with a live one", () => {
  it.each([
    ["a missing key", { a: 1, b: 2 }, { a: 1 }, "b: missing"],
    ["a key too many", { a: 1 }, { a: 1, b: 2 }, "b: not in the recording"],
    ["another type deep inside", { a: [{ b: 1 }] }, { a: [{ b: "1" }] }, "a[].b: string instead of number"],
    ["null in place of a text", { a: "x" }, { a: null }, "a: null instead of string"],
    ["an empty list", { a: [1] }, { a: [] }, "a[]: empty list"],
    ["a list that should be empty", { a: [] }, { a: [1] }, "a[]: should be an empty list"],
  ])("finds %s", (_what, recorded, live, difference) => {
    expect(shapeDifferences(recorded, live)).toEqual([difference]);
  });

  it("takes lists of another length and order for the same shape", () => {
    const recorded = [{ a: 1 }, { a: null, b: true }];
    expect(shapeDifferences(recorded, [{ a: null, b: false }, { a: 3 }, { a: 4 }])).toEqual([]);
  });

  it("does not miss in a cut answer what the recorder left out", () => {
    const recorded = { list: [{ a: 1 }, "… 3 more items cut"] };
    expect(shapeDifferences(recorded, { list: [{ a: 1 }, { a: 2, b: null }] }, true)).toEqual([]);
  });

  it("compares values element by element whatever their order, and times and new ids not at all", () => {
    const mapping = new Mapping();
    const recorded = [
      { secretKey: "A", secretValue: "a", id: RECORDED_ID, createdAt: "2026-11-22T23:39:32.773Z" },
      { secretKey: "B", secretValue: "b" },
    ];
    const live = [
      { secretKey: "B", secretValue: "other" },
      { secretKey: "A", secretValue: "a", id: LIVE_ID, createdAt: "2030-01-01T00:00:00.000Z" },
    ];
    mapping.learn(recorded, live);
    expect(valueDifferences(recorded, live, mapping)).toEqual(['[].secretValue: "other" instead of "b"']);
  });

  it("expects the live id wherever the recorded one stands in a text", () => {
    const mapping = new Mapping();
    mapping.learn({ id: RECORDED_ID }, { id: LIVE_ID });
    const recorded = { message: `No project ${RECORDED_ID}` };
    expect(valueDifferences(recorded, { message: `No project ${LIVE_ID}` }, mapping)).toEqual([]);
    expect(valueDifferences(recorded, { message: `No project ${RECORDED_ID}` }, mapping)).toHaveLength(1);
  });
});
