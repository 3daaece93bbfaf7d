import { forgetNotRun, readNotRun, recordNotRun } from "../../test/support/not-run";
import { runExampleTests } from "../core/example-tests";
import { misuse } from "../core/failure";
import { Stopwatch } from "../core/summary";
import { sum, tallyLine, type Tally } from "../core/tally";
import { readTools, standInsOf } from "../core/tools";
import { runVitest } from "../core/vitest";

/** Parts of the tests by name, in the order in which they are run: the quick ones first. */
const SUITES: { [name: string]: () => Promise<Tally> } = {
  unit: () => runVitest(["unit", "components", "closures"]),
  contract: () => runVitest(["contract"]),
  examples: testExamples,
  e2e: () => runVitest(["e2e"]),
};

/** Suites that have to be asked for by name; `npm test` leaves them out and says so. */
const ASKED_FOR: { [name: string]: () => Promise<Tally> } = {
  docs: () => runVitest(["docs"]),
};

/** Runs one suite, or all. The last line is `N passed, N failed`; what this machine does not allow is named before it. */
export async function test(name?: string): Promise<void> {
  const all = name === undefined || name === "all";
  const known = all ? SUITES : { ...SUITES, ...ASKED_FOR };
  const suites = Object.entries(known).filter(([suite]) => all || name === suite);
  if (suites.length === 0) throw misuse(`there is no suite "${name}"; there are: ${Object.keys(known).join(", ")}`);
  forgetNotRun();
  const results: { suite: string; tally: Tally; seconds: number }[] = [];
  if (all) recordNotRun("the commands in README and docs", "asked for by name: npm run test:docs");
  for (const [suite, run] of suites) {
    console.log(`\ntests: ${suite}`);
    const watch = new Stopwatch();
    const tally = await run();
    results.push({ suite, tally, seconds: watch.seconds });
  }
  const total = sum(results.map(({ tally }) => tally));
  console.log("");
  for (const failure of total.failures) console.log(`failed: ${failure}`);
  for (const failure of total.retried) console.log(`needed its second try: ${failure}`);
  for (const { suite, tally, seconds } of results) console.log(`${suite}: ${tallyLine(tally)} (${seconds} s)`);
  for (const { what, reason } of readNotRun()) console.log(`not run: ${what}: ${reason}`);
  tellStandIns();
  if (total.failed > 0) process.exitCode = 1;
  console.log(tallyLine(total));
}

async function testExamples(): Promise<Tally> {
  const tallies: Tally[] = [];
  for (const outcome of await runExampleTests()) {
    if ("tally" in outcome) tallies.push(outcome.tally);
    else recordNotRun(`tests of examples/${outcome.example}`, outcome.notRun);
  }
  return sum(tallies);
}

/** Tests on stand-ins prove less than on Pulumi's own parts, so it is said. */
function tellStandIns(): void {
  let standIns: string[];
  try {
    standIns = standInsOf(readTools());
  } catch {
    return;
  }
  if (standIns.length > 0) console.log(`stand-ins in place of Pulumi's own parts: ${standIns.join(", ")}`);
}
