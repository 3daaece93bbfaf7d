import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { messageOf } from "../../infra/api/fault";
import { parseDotenv } from "./consumers";
import { writeSecretFile } from "./env-file";
import { withVariables } from "./env-lines";
import { Failure } from "./failure";
import { LOCAL } from "./places";
import { stackOutputs } from "./pulumi";
import type { Workspace } from "./workspace";

const pending = z.object({
  /** Number of the client secret that it leads to. */
  generation: z.number(),
  /** Whether it ends only when the one before is revoked. */
  wait: z.boolean(),
});

const content = z.object({
  /** Environment files by identity: where its credential is published. */
  files: z.record(z.string(), z.array(z.string())).default({}),
  /** Rotations that have not come to their end, by identity. */
  pending: z.record(z.string(), pending).default({}),
});

/** What this machine knows of the rotations of a stack. The truth about generations is the stack's configuration. */
export type Rotations = z.output<typeof content>;
export type PendingRotation = z.output<typeof pending>;

export function readRotations(stack: string): Rotations {
  const file = fileOf(stack);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return content.parse({});
  }
  const parsed = content.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new Failure(`${file} is no list of rotations. Delete it, and name the env files again with --env-file.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Changes what is known; nothing else works on it at the same time. */
export function changeRotations(stack: string, change: (rotations: Rotations) => void): void {
  const rotations = readRotations(stack);
  change(rotations);
  writeRotations(stack, rotations);
}

function writeRotations(stack: string, rotations: Rotations): void {
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
  writeSecretFile(fileOf(stack), `${JSON.stringify(rotations, undefined, 2)}\n`);
}

const FOLDER = join(LOCAL, "rotations");

function fileOf(stack: string): string {
  return join(FOLDER, `${stack}.json`);
}

const published = z.object({ identities: z.record(z.string(), z.object({ dotenv: z.string() })) });

/**
 * Brings the environment files of a stack up to date with its credentials.
 * @param identity only the files of this one.
 * @returns how many files there are, and how many had to be written.
 * @throws Failure that names every file which could not be written; the others are.
 */
export async function publishCredentials(
  workspace: Workspace,
  identity?: string,
): Promise<{ files: number; written: number }> {
  const wanted = Object.entries(readRotations(workspace.stack).files)
    .filter(([name]) => identity === undefined || name === identity)
    .flatMap(([name, files]) => files.map((file) => ({ name, file })));
  if (wanted.length === 0) return { files: 0, written: 0 };
  const { identities } = published.parse(await stackOutputs(workspace));
  const failures: string[] = [];
  let written = 0;
  for (const { name, file } of wanted) {
    const credential = identities[name];
    if (credential === undefined) continue;
    try {
      if (publishTo(file, parseDotenv(credential.dotenv))) written += 1;
    } catch (thrown) {
      failures.push(messageOf(thrown));
    }
  }
  if (failures.length > 0) {
    throw new Failure(`the credential is not published everywhere:\n${failures.map((one) => `  ${one}`).join("\n")}`);
  }
  return { files: wanted.length, written };
}

/** @returns whether the file had to be written. */
function publishTo(file: string, variables: { [name: string]: string }): boolean {
  const before = contentOf(file);
  const after = withVariables(before?.text ?? "", variables);
  if (before !== undefined && before.text === after && before.mode === 0o600) return false;
  writeSecretFile(file, after);
  return true;
}

function contentOf(file: string): { text: string; mode: number } | undefined {
  try {
    return { text: readFileSync(file, "utf8"), mode: statSync(file).mode & 0o777 };
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new Failure(`${file} cannot be read (${code ?? message}), so what else is in it would be lost.`);
  }
}
