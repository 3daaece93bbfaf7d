import { misuse } from "../core/failure";

const UNITS: { [unit: string]: number } = { s: 1_000, m: 60_000, h: 3_600_000 };
const LONGEST_HOURS = 24;

/**
 * A time to live.
 * @param text such as `90s`, `30m` or `2h`. @returns milliseconds. @throws Failure on anything else, and over a day.
 */
export function lifetimeOf(text: string): number {
  const [, number, unit = ""] = /^(\d+)([smh])$/.exec(text) ?? [];
  const milliseconds = Number(number) * (UNITS[unit] ?? Number.NaN);
  if (!(milliseconds > 0)) throw misuse(`"${text}" is no time to live: write one such as 90s, 30m or 2h`);
  if (milliseconds > LONGEST_HOURS * 3_600_000) throw misuse(`a time to live is at most ${LONGEST_HOURS}h`);
  return milliseconds;
}
