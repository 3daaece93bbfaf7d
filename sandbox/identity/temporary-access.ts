import { z } from "../http/route.js";

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_557_600_000,
};

/** Milliseconds of "20s", "1h", "7d"; undefined when it is no such text. */
export function parseRange(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w|y)\s*$/i.exec(text);
  const unit = UNIT_MS[match?.[2]?.toLowerCase() ?? ""];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

export const temporaryRangeSchema = z
  .string()
  .refine((text) => (parseRange(text) ?? 0) > 0, "Temporary range must be a positive number");

/** The end of a grant that begins at `start` (ISO time). */
export function endOf(start: string, range: string): Date {
  return new Date(new Date(start).getTime() + (parseRange(range) ?? 0));
}
