import { writeFileSync } from "node:fs";
import type { Reporter, SerializedError, TestModule } from "vitest/node";

/**
 * Writes how many tests came out how, and which failed or needed their second try, to TEST_TALLY_FILE, file by file: a
 * run that is killed has told what it knew. A hook that fails makes vitest skip the tests behind it, so each such suite
 * counts as a failure of its own; so does a file that cannot be loaded.
 */
export default class TallyReporter implements Reporter {
  private readonly ended = new Set<TestModule>();

  onTestModuleEnd(module: TestModule): void {
    this.ended.add(module);
    this.write([]);
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    for (const module of modules) this.ended.add(module);
    this.write(unhandled);
  }

  private write(unhandled: readonly SerializedError[]): void {
    const failures = unhandled.map((error) => failure("outside of all tests", [error]));
    const retried: string[] = [];
    const figures = { passed: 0, skipped: 0 };
    for (const module of this.ended) {
      const place = module.relativeModuleId;
      if (module.errors().length > 0) failures.push(failure(place, module.errors()));
      for (const suite of module.children.allSuites())
        if (suite.errors().length > 0) failures.push(failure(`${place} > ${suite.fullName}`, suite.errors()));
      for (const test of module.children.allTests()) {
        const { state, errors = [] } = test.result();
        const told = (): string => failure(`${place} > ${test.fullName}`, errors);
        if (state === "passed" || state === "skipped") figures[state] += 1;
        else failures.push(told());
        if (test.diagnostic()?.flaky === true) retried.push(told());
      }
    }
    const file = process.env.TEST_TALLY_FILE;
    if (file !== undefined)
      writeFileSync(file, JSON.stringify({ ...figures, failed: failures.length, failures, retried }));
  }
}

/** Where, and the start of what each try ended with: the whole stands above, where the test ran. */
function failure(place: string, errors: readonly SerializedError[]): string {
  const said = errors.map(({ message }) => message.slice(0, 500).replaceAll(/\s*\n/g, "\n    "));
  return [...new Set([place, ...said])].join("\n    ");
}
