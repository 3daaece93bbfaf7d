import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { LOCAL, ROOT } from "./places";
import { stackOutputs } from "./pulumi";
import type { Workspace } from "./workspace";

/** What an example application found: how many secrets it read, and whether another folder was refused. */
export interface ReadBack {
  consumer: string;
  outcome: "read" | "failed" | "not run";
  /** For a person; values are masked. */
  line: string;
}

const report = z.object({ read: z.number(), masked: z.record(z.string(), z.string()), denied: z.boolean() });

/** Lets the example applications read the stack's secrets with the official SDKs. */
export async function readBackWithSdks(workspace: Workspace): Promise<ReadBack[]> {
  const environment = parseDotenv(String((await stackOutputs(workspace)).dotenv ?? ""));
  const python = join(LOCAL, "venv", "bin", "python");
  const consumers = [
    { name: "Python SDK", command: python, args: ["app.py", "--json"], folder: join(ROOT, "examples", "python") },
    {
      name: "Node SDK",
      command: process.execPath,
      args: ["--import", "tsx", join("src", "app.ts"), "--json"],
      folder: join(ROOT, "examples", "node"),
    },
  ];
  return Promise.all(
    consumers.map((consumer) =>
      consumer.command === python && !existsSync(python)
        ? notRun(consumer.name, "no Python 3.11 or newer with the SDK on this machine")
        : readBack(consumer, environment),
    ),
  );
}

async function readBack(
  consumer: { name: string; command: string; args: string[]; folder: string },
  environment: { [name: string]: string },
): Promise<ReadBack> {
  const { name, command, args, folder } = consumer;
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...environment };
  try {
    const { stdout } = await promisify(execFile)(command, args, { cwd: folder, env, timeout: 120_000 });
    const seen = report.parse(JSON.parse(stdout));
    const values = Object.entries(seen.masked).map(([key, masked]) => `  ${key} = ${masked}`);
    const refused = seen.denied ? "refused elsewhere" : "NOT refused elsewhere";
    return {
      consumer: name,
      outcome: seen.denied ? "read" : "failed",
      line: [`${name}: ${seen.read} secrets read, ${refused}`, ...values].join("\n"),
    };
  } catch (thrown) {
    const stderr = (thrown as { stderr?: string }).stderr ?? "";
    const reason = stderr.trim() === "" ? String((thrown as Error).message.split("\n")[0]) : stderr.trim();
    return { consumer: name, outcome: "failed", line: `${name}: failed: ${reason}` };
  }
}

function notRun(consumer: string, reason: string): ReadBack {
  return { consumer, outcome: "not run", line: `${consumer}: not run: ${reason}` };
}

/** The lines of the `dotenv` output, which needs no quotes. */
export function parseDotenv(text: string): { [name: string]: string } {
  const lines = text.split("\n").filter((line) => line.includes("="));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}
