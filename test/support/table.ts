import { execFile } from "node:child_process";
import { ROOT } from "../../cli/core/places";
import type { MatrixRow } from "../../cli/commands/matrix";

/**
 * Runs `npm run matrix -- <name>` as people do, in a process of its own.
 * @throws when it ends without a table.
 */
export async function tableOf(name: string, ...options: string[]): Promise<MatrixRow[]> {
  const args = ["--import", "tsx", "cli/main.ts", "matrix", name, "--json", ...options];
  const env = { ...process.env, INFISICAL_STANDINS: "1" };
  const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, args, { cwd: ROOT, env, maxBuffer: 64 << 20 }, (_failure, out, err) =>
      resolve({ stdout: out, stderr: err }),
    );
  });
  try {
    return JSON.parse(stdout) as MatrixRow[];
  } catch {
    throw new Error(`matrix ${name} printed no table:\n${stdout}\n${stderr}`);
  }
}

/** Rows that are not as they have to be, in words. */
export function wrongOf(rows: MatrixRow[]): string[] {
  return rows.filter(({ ok }) => !ok).map((row) => `${row.case}: ${row.seen}`);
}
