// Python for the Python example, and folders with Python packages of our own.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SetupFailure } from "./failure.mjs";
import { step } from "./progress.mjs";
import { capture, runLogged, which } from "./run.mjs";
import { PYTHON, atLeast, versionIn } from "./versions.mjs";

const NAMES = ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11"];

/** The first Python on PATH that is new enough: `{ path, version }`, or undefined. */
export async function findPython(env = process.env) {
  for (const name of NAMES) {
    const path = which(name, env);
    if (path === undefined) continue;
    const { status, output } = await capture(path, ["-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"], {
      env,
    });
    const version = status === 0 ? versionIn(output) : undefined;
    if (version && atLeast(version, PYTHON.oldest)) return { path, version: version.join(".") };
  }
  return undefined;
}

/** What pip installs, as its arguments: `-r file`, or names with versions. Part of the mark that says "complete". */
function markOf(folder, packages) {
  const hash = createHash("sha256").update(folder);
  for (const word of packages) hash.update(existsSync(word) ? readFileSync(word) : word);
  return hash.digest("hex");
}

/** Folder of a virtual environment's programs. */
export const binOf = (folder) => join(folder, "bin");

/** True when the environment was made to its end, from the same list of packages. */
export function isEnvironmentReady(folder, packages) {
  const mark = join(folder, ".complete");
  return (
    existsSync(join(binOf(folder), "python")) &&
    existsSync(mark) &&
    readFileSync(mark, "utf8") === markOf(folder, packages)
  );
}

/**
 * Makes a virtual environment with packages from PyPI; one that was left half-made is made again, and there is none after
 * a failure.
 * @param python absolute path of the interpreter
 * @param packages arguments for `pip install`
 */
export async function ensureEnvironment(folder, python, packages, what, logs) {
  if (isEnvironmentReady(folder, packages)) return;
  const remove = () => rmSync(folder, { recursive: true, force: true });
  await step(`installing ${what} (pip, into ${folder})`, async () => {
    remove();
    const log = join(logs, `setup-pip-${what.replaceAll(/[^a-z]+/gi, "-")}.log`);
    await runLogged(python, ["-m", "venv", folder], { log }).catch((error) => {
      throw new SetupFailure(error.message, [
        "Debian and Ubuntu keep this part of Python in a package of its own: apt-get install python3-venv",
      ]);
    });
    await runLogged(
      join(binOf(folder), "python"),
      ["-m", "pip", "install", "--disable-pip-version-check", ...packages],
      {
        log,
      },
    );
    writeFileSync(join(folder, ".complete"), markOf(folder, packages));
  }).catch((error) => {
    remove();
    throw error;
  });
}
