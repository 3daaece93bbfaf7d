import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measureStack } from "../../cli/bench/ways";
import type { Measure } from "../../cli/bench/measures";
import { BenchServer } from "../../cli/bench/server";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestBackend } from "../support/stack";

/** What one folder costs in requests, whatever it holds. */
const PER_FOLDER = { up: 4, refresh: 2, destroy: 4 };
/** What a stack costs beside its folders: logins, the project and its environment. */
const BESIDE = 10;

describe("5,000 keys in 50 folders", () => {
  let server: BenchServer;
  let folder: string;
  let backend: TestBackend;
  let measure: Measure;

  beforeAll(async () => {
    backend = new TestBackend();
    folder = mkdtempSync(join(tmpdir(), "infisical-scale-test-"));
    server = await BenchServer.start();
    measure = await measureStack({ folder, server, env: backend.env }, 5_000, 50);
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    backend?.remove();
    await server?.stop();
  });

  it("go up, change nothing at a preview, refresh, change by one key, and go", () => {
    expect(Object.keys(measure.seconds)).toEqual(["up", "preview", "refresh", "change", "destroy"]);
  });

  it.each(["up", "refresh", "destroy"] as const)("cost requests by the folder and not by the key: %s", (operation) => {
    expect(measure.requests[operation]).toBeLessThanOrEqual(50 * PER_FOLDER[operation] + BESIDE);
  });

  it("cost a few requests when one key changes: a login each for the program and its providers, one list, one write", () => {
    expect(measure.requests.change).toBeLessThanOrEqual(5);
  });

  it("are kept in less than 800 bytes of state a key, the code of 101 resources included", () => {
    expect((measure.stateBytes ?? Infinity) / 5_000).toBeLessThan(800);
  });
});
