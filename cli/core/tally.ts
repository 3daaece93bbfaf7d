/** How many tests came out how. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  /** Names and messages of those that failed; not of every one where their runner does not tell. */
  failures: string[];
  /** The same of those that passed in their second try. */
  retried: string[];
}

export const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0, failures: [], retried: [] };

export function sum(tallies: Tally[]): Tally {
  return tallies.reduce(
    (total, one) => ({
      passed: total.passed + one.passed,
      failed: total.failed + one.failed,
      skipped: total.skipped + one.skipped,
      failures: [...total.failures, ...one.failures],
      retried: [...total.retried, ...one.retried],
    }),
    NOTHING,
  );
}

/** `12 passed, 0 failed`, and the skipped where there are some. */
export function tallyLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
}

/** Reads the figures that `node --test` prints at its end, in either of its forms. */
export function tallyOfNode(output: string): Tally {
  const figure = (name: string): number => Number(new RegExp(`^[#ℹ] ${name} (\\d+)$`, "m").exec(output)?.[1] ?? 0);
  return {
    ...NOTHING,
    passed: figure("pass"),
    failed: figure("fail") + figure("cancelled"),
    skipped: figure("skipped"),
    failures: named(output, /^\s*(?:✖|not ok \d+ -) (.*?)(?: \([\d.]+ms\))?$/gm),
  };
}

/** Reads pytest's last line, such as `3 failed, 57 passed, 1 skipped, 1 error in 4.10s`, and its summary before that. */
export function tallyOfPytest(output: string): Tally {
  const last = output.trimEnd().split("\n").at(-1) ?? "";
  const figure = (name: RegExp): number => Number(new RegExp(`(\\d+) ${name.source}`).exec(last)?.[1] ?? 0);
  return {
    ...NOTHING,
    passed: figure(/passed/),
    failed: figure(/failed/) + figure(/errors?/),
    skipped: figure(/skipped/),
    failures: named(output, /^(?:FAILED|ERROR) (.*)$/gm),
  };
}

/** Every failure once, though it is told where it happened and again at the end. */
function named(output: string, pattern: RegExp): string[] {
  const names = Array.from(output.matchAll(pattern), ([, name = ""]) => name).filter(
    (name) => name !== "failing tests:",
  );
  return [...new Set(names)];
}
