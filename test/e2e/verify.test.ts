import { expect, it } from "vitest";
import { rows } from "../matrix/verify";

it("finds no surprise where there is none, and names every cell that is wider or narrower than the blueprint", async () => {
  const seen = await rows();
  expect(seen.filter(({ ok }) => !ok)).toEqual([]);
  expect(seen).toHaveLength(7);
});
