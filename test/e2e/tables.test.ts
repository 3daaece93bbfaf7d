import { describe, it } from "vitest";
import { tableOf, wrongOf } from "../support/table";

/** Each is a process of its own, with servers and stacks of its own, and waits most of the time: so they run at once. */
const TABLES = [
  {
    table: "bootstrap",
    rows: 15,
    shows: "the first administrator is made, found again or refused in every state that a server can be in",
  },
  {
    table: "drift",
    rows: 25,
    shows: "what is changed by hand is seen by a refresh and put right by the next up, and nothing else is",
  },
  {
    table: "faults",
    options: ["--sample"],
    rows: 8,
    shows: "a server that fails costs a bounded wait and a message at most, and never a second object",
  },
];

describe.concurrent("a table", () => {
  for (const { table, options = [], rows: least, shows } of TABLES) {
    it(`${table}: ${shows}`, { timeout: 20 * 60_000 }, async ({ expect }) => {
      const rows = await tableOf(table, ...options);
      expect(rows.length).toBeGreaterThanOrEqual(least);
      expect(wrongOf(rows)).toEqual([]);
    });
  }
});
