import { describe, it } from "vitest";
import { tableOf, wrongOf } from "../support/table";

interface Table {
  table: string;
  options?: string[];
  /** So many at least. */
  rows: number;
  shows: string;
}

/** The longest of `npm run matrix`. It has the machine for itself, to stay within its eight minutes. */
const KILL: Table = {
  table: "kill",
  options: ["--sample"],
  rows: 18,
  shows: "a run that is killed converges on the next one, with nothing twice and nothing lost",
};

/**
 * The others, the longest first. Each is a process of its own, with servers and stacks of its own, and waits most of the
 * time: so some run at once (maxConcurrency).
 */
const OTHERS: Table[] = [
  {
    table: "bad-input",
    rows: 100,
    shows: "bad input is refused before anything is created, by one message that names the place and the remedy",
  },
  {
    table: "verify",
    rows: 7,
    shows: "there is no surprise where none is, and every cell that is wider or narrower than the blueprint is named",
  },
  {
    table: "faults",
    options: ["--sample"],
    rows: 8,
    shows: "a server that fails costs a bounded wait and a message at most, and never a second object",
  },
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
];

function testTable({ table, options = [], rows: least, shows }: Table): void {
  it(`${table}: ${shows}`, { timeout: 30 * 60_000 }, async ({ expect }) => {
    const rows = await tableOf(table, ...options);
    expect(rows.length).toBeGreaterThanOrEqual(least);
    expect(wrongOf(rows)).toEqual([]);
  });
}

describe("the table", () => testTable(KILL));

describe.concurrent("the table", () => OTHERS.forEach(testTable));
