import { describe, expect, it } from "vitest";
import { rows } from "../matrix/bad-input";

describe("bad input", () => {
  it("is refused before anything is created, each by one message that names the key, the place and the remedy", async () => {
    const table = await rows();
    const wrong = table.filter(({ ok }) => !ok).map((row) => `${row.case}\n${row.seen}`);
    expect(wrong).toEqual([]);
    expect(table.length).toBeGreaterThan(100);
  });
});
