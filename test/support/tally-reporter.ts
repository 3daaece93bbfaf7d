import { writeFileSync } from "node:fs";
import type { Reporter, SerializedError, TestModule } from "vitest/node";

/**
 * Writes how many tests came out how to TEST_TALLY_FILE, file by file: a run that is killed has told what it knew. A hook
 * that fails makes vitest skip the tests behind it, so each such suite counts as a failure of its own; so does a file that
 * cannot be loaded.
 */
export default class TallyReporter implements Reporter {
  private readonly ended = new Set<TestModule>();

  onTestModuleEnd(module: TestModule): void {
    this.ended.add(module);
    this.write(0);
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    for (const module of modules) this.ended.add(module);
    this.write(unhandled.length);
  }

  private write(unhandled: number): void {
    const figures = { passed: 0, failed: unhandled, skipped: 0 };
    for (const module of this.ended) {
      if (module.errors().length > 0) figures.failed += 1;
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) figures.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "pending") figures.failed += 1;
        else figures[state] += 1;
      }
    }
    const file = process.env.TEST_TALLY_FILE;
    if (file !== undefined) writeFileSync(file, JSON.stringify(figures));
  }
}
