import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { LOCAL } from "../../cli/core/places";

/** Something that this machine does not allow to be tested. */
export interface NotRun {
  /** What would have been tested. */
  what: string;
  reason: string;
}

/** One JSON object a line: suites run side by side, and a line is appended in one piece. */
const FILE = join(LOCAL, "logs", "not-run.jsonl");

const entry = z.object({ what: z.string(), reason: z.string() });

/** Notes that something was not run and why, for the end of `npm test`: nothing is skipped in silence. */
export function recordNotRun(what: string, reason: string): void {
  mkdirSync(dirname(FILE), { recursive: true });
  appendFileSync(FILE, `${JSON.stringify({ what, reason })}\n`);
}

/** What was noted since {@link forgetNotRun}, each once. */
export function readNotRun(): NotRun[] {
  if (!existsSync(FILE)) return [];
  const lines = new Set(
    readFileSync(FILE, "utf8")
      .split("\n")
      .filter((line) => line !== ""),
  );
  return [...lines].map((line) => entry.parse(JSON.parse(line)));
}

/** Begins a new run. */
export function forgetNotRun(): void {
  rmSync(FILE, { force: true });
}
