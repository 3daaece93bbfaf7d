import { describe, expect, it } from "vitest";
import { tableOf, wrongOf } from "../support/table";

describe("the first administrator of an instance", () => {
  it(
    "is made, found again or refused in every state that a server can be in",
    async () => {
      const rows = await tableOf("bootstrap");
      expect(rows.length).toBeGreaterThanOrEqual(15);
      expect(wrongOf(rows)).toEqual([]);
    },
    20 * 60_000,
  );
});
