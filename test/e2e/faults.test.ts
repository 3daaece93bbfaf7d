import { describe, expect, it } from "vitest";
import { tableOf, wrongOf } from "../support/table";

describe("a server that fails", () => {
  it(
    "costs a bounded wait and a message at most, and never a second object",
    async () => {
      const rows = await tableOf("faults", "--sample");
      expect(rows.length).toBeGreaterThanOrEqual(8);
      expect(wrongOf(rows)).toEqual([]);
    },
    20 * 60_000,
  );
});
