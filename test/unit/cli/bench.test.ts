import { describe, expect, it } from "vitest";
import { middleMeasure, middleOf, type Measure } from "../../../cli/bench/measures";
import { plotOf } from "../../../cli/bench/plot";
import { conclusions, reportOf } from "../../../cli/bench/report";
import { keysOf } from "../../../cli/bench/ways";

const FLOOR = { up: 1.5, preview: 1.2, refresh: 0.5, destroy: 0.5 };

function measure(way: Measure["way"], keys: number, up: number): Measure {
  const seconds = { up, preview: 1, refresh: 2, change: 3, destroy: up / 2 };
  return { way, keys, folders: 1, seconds, requests: { up: 11 }, stateBytes: 1_234_567, providerMiB: 150 };
}

const MEASURES = [
  measure("stack", 4, 2.25),
  measure("stack", 1_000, 4),
  measure("resources", 1_000, 80),
  measure("requests", 1_000, 6),
];

describe("the report of a benchmark", () => {
  const report = reportOf(FLOOR, MEASURES, { day: "2027-01-31", pulumi: "3.250.0", standIns: ["random"] });

  it("says what was measured on what, stand-ins and sandbox included", () => {
    expect(report).toContain("**not Infisical**");
    expect(report).toContain("stand-ins in use, not Pulumi's own: random");
    expect(report).toContain("| this stack | 1000 | 1 | 4.00 | 1.00 | 2.00 | 3.00 | 2.00 |");
    expect(report).toContain("| this stack | 1000 | 1 | 1235 | 150 |");
  });

  it("compares at 1,000 keys, and a few keys with an empty program", () => {
    const lines = conclusions(FLOOR, MEASURES);
    expect(lines[0]).toMatch(/1,000 keys, up: .* takes 80\.0 s, this stack 4\.00 s: 20\.0 times; .*: 2\.50 s/);
    expect(lines).toContain("4 keys: `up` takes 0.75 s longer than an empty program");
  });

  it("says nothing of what was not measured", () => {
    expect(conclusions(FLOOR, [measure("stack", 100, 3)])).toEqual([]);
  });
});

it("the picture of a benchmark has a line for each way, and only finite places", () => {
  const picture = plotOf(FLOOR, MEASURES);
  expect(picture.match(/<polyline/g)).toHaveLength(3);
  expect(picture).not.toMatch(/NaN|Infinity|undefined/);
});

it("the middle of several rounds is taken figure by figure", () => {
  expect(middleOf([{ up: 3 }, { up: 1 }, { up: 2 }])).toEqual({ up: 2 });
  const rounds = [1, 9, 2].map((up) => measure("stack", 4, up));
  expect(middleMeasure(rounds).seconds).toMatchObject({ up: 2, destroy: 1 });
});

it("keys of a benchmark are as many as asked for, each with a value of its own", () => {
  const keys = keysOf(1_000);
  expect(Object.keys(keys)).toHaveLength(1_000);
  expect(new Set(Object.values(keys)).size).toBe(1_000);
});
