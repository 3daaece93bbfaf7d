import { execFile } from "node:child_process";
import { promisify } from "node:util";

/**
 * Runs a program for its output.
 * @throws Error with the last lines of what it said when it fails.
 */
export async function run(command: string, args: string[], cwd: string, env = process.env): Promise<string> {
  try {
    return (await promisify(execFile)(command, args, { cwd, env, maxBuffer: 64 << 20 })).stdout;
  } catch (thrown) {
    const { stderr = "", stdout = "", message } = thrown as { stderr?: string; stdout?: string; message: string };
    const lines = `${stdout}\n${stderr}`.split("\n").filter((line) => line.trim() !== "");
    throw new Error(lines.length === 0 ? message : lines.slice(-4).join("\n"), { cause: thrown });
  }
}
