import { describe, expect, it } from "vitest";
import { tableOf, wrongOf } from "../support/table";

describe("a run that is killed", () => {
  it(
    "converges on the next one, with nothing twice and nothing lost, whoever died and wherever",
    async () => {
      const rows = await tableOf("kill", "--sample");
      expect(rows.length).toBeGreaterThanOrEqual(18);
      expect(wrongOf(rows)).toEqual([]);
    },
    20 * 60_000,
  );
});
