import { defineConfig } from "vitest/config";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Replaces Pulumi's serialiser, which cannot read what vitest makes of a module; see test/closures for the real one. */
const SERIALISER_STUB = ["test/support/serialiser-stub.ts"];

// Limits are wide, for busy machines: no test waits for them.
export default defineConfig({
  test: {
    pool: "forks",
    // For what a busy machine does to time and ports; a test that needed its second try is named at the end.
    retry: 1,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          setupFiles: SERIALISER_STUB,
          testTimeout: MINUTE,
          hookTimeout: MINUTE,
        },
      },
      {
        extends: true,
        test: {
          name: "components",
          include: ["test/components/**/*.test.ts"],
          setupFiles: SERIALISER_STUB,
          testTimeout: MINUTE,
          hookTimeout: MINUTE,
        },
      },
      {
        extends: true,
        test: {
          name: "closures",
          include: ["test/closures/**/*.test.ts"],
          testTimeout: MINUTE,
          hookTimeout: 2 * MINUTE,
        },
      },
      {
        extends: true,
        test: {
          name: "contract",
          include: ["test/contract/**/*.test.ts"],
          testTimeout: 10 * MINUTE,
          hookTimeout: 10 * MINUTE,
        },
      },
      {
        extends: true,
        test: {
          name: "docs",
          include: ["test/docs/**/*.test.ts"],
          // Two courses of pages that mostly wait for processes, each in a copy of the project of its own.
          maxWorkers: 2,
          // Hooks type the commands of a whole page.
          testTimeout: MINUTE,
          hookTimeout: 10 * MINUTE,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          // Stacks share the machine's ports, its Docker engine and two cores.
          fileParallelism: false,
          maxConcurrency: 2,
          testTimeout: 10 * MINUTE,
          hookTimeout: 10 * MINUTE,
        },
      },
    ],
  },
});
