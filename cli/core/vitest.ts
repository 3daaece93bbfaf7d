import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { LOCAL, ROOT } from "./places";
import { NOTHING, type Tally } from "./tally";

const FILE = join(LOCAL, "logs", "tally.json");

const tally = z.object({
  passed: z.number(),
  failed: z.number(),
  skipped: z.number(),
  failures: z.array(z.string()),
  retried: z.array(z.string()),
});

/** Runs projects of vitest.config.mts. What they print is shown. */
export async function runVitest(projects: string[]): Promise<Tally> {
  mkdirSync(join(LOCAL, "logs"), { recursive: true });
  rmSync(FILE, { force: true });
  const args = [
    join(ROOT, "node_modules", "vitest", "vitest.mjs"),
    "run",
    ...projects.flatMap((project) => ["--project", project]),
    "--reporter=default",
    `--reporter=${join(ROOT, "test", "support", "tally-reporter.ts")}`,
  ];
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      stdio: "inherit",
      env: { ...process.env, TEST_TALLY_FILE: FILE },
    });
    child.once("error", reject);
    child.once("close", resolve);
  });
  const told = readTally();
  if (code === null) return { ...told, failed: told.failed + 1 };
  // vitest also fails for reasons that are no test: an error outside of all, or no test file at all.
  return code === 0 || told.failed > 0 ? told : { ...told, failed: 1 };
}

function readTally(): Tally {
  try {
    return tally.parse(JSON.parse(readFileSync(FILE, "utf8")));
  } catch {
    // It ended before its first file did.
    return { ...NOTHING, failed: 1 };
  }
}
