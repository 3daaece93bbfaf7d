import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The text of a provider, from the folder that INFISICAL_PROVIDER_CACHE names when it lies there. To serialise the
 * providers takes as long as everything else that the program does, and gives the same text until its code changes; our
 * commands set the variable, a plain `pulumi up` does without.
 */
export async function keptProvider(type: string, serialise: () => Promise<string>): Promise<string> {
  const folder = process.env.INFISICAL_PROVIDER_CACHE ?? "";
  if (folder === "") return serialise();
  const file = join(folder, `${type}-${codeHash()}.js`);
  const kept = readKept(file);
  if (kept !== undefined) return kept;
  const text = await serialise();
  keep(folder, type, file, text);
  return text;
}

function readKept(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Written under another name first: another run may be reading. What cannot be kept is made again next time. */
function keep(folder: string, type: string, file: string, text: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.${process.pid}`, text, { mode: 0o600 });
    renameSync(`${file}.${process.pid}`, file);
    const older = readdirSync(folder).filter((name) => name.startsWith(`${type}-`) && join(folder, name) !== file);
    for (const name of older) rmSync(join(folder, name), { force: true });
  } catch {
    return;
  }
}

let hash: string | undefined;

/** Of all code that gets into a provider, and of what makes its text. */
function codeHash(): string {
  if (hash !== undefined) return hash;
  const sum = createHash("sha256").update(`${process.version}\n${pulumiVersion()}\n`);
  for (const folder of [__dirname, join(__dirname, "..", "api")]) {
    for (const name of readdirSync(folder).sort()) sum.update(name).update(readFileSync(join(folder, name)));
  }
  sum.update(readFileSync(join(__dirname, "..", "key-fingerprint.ts")));
  hash = sum.digest("hex").slice(0, 32);
  return hash;
}

function pulumiVersion(): string {
  const { version } = JSON.parse(readFileSync(require.resolve("@pulumi/pulumi/package.json"), "utf8")) as {
    version: string;
  };
  return version;
}
