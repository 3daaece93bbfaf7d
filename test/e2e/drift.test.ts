import { describe, expect, it } from "vitest";
import { tableOf, wrongOf } from "../support/table";

describe("what is changed by hand on the server", () => {
  it(
    "is seen by a refresh and put right by the next up, and is no drift when it only looks different",
    async () => {
      const rows = await tableOf("drift");
      expect(rows.length).toBeGreaterThanOrEqual(25);
      expect(wrongOf(rows)).toEqual([]);
    },
    20 * 60_000,
  );
});
