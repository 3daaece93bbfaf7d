import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { messageOf } from "../../infra/api/fault";
import { Failure } from "./failure";

/**
 * Writes a file that holds secrets: readable by its owner only, whole or not at all, and never through a symlink.
 * @throws Failure when the place is a symlink or a folder, or when git would see the file.
 */
export function writeSecretFile(path: string, text: string): void {
  requireSecretTarget(path);
  const target = resolve(path);
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}`);
  try {
    // "wx": a file that somebody put there meanwhile is not written into.
    const file = openSync(temporary, "wx", 0o600);
    writeSync(file, text);
    fsyncSync(file);
    closeSync(file);
    renameSync(temporary, target);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw new Failure(`${path} cannot be written: ${messageOf(thrown)}`);
  }
}

/** @throws Failure, as {@link writeSecretFile} would, when a file of this name could not hold secrets. */
export function requireSecretTarget(path: string): void {
  const target = resolve(path);
  if (!existsSync(dirname(target))) throw new Failure(`the folder of ${target} is not there; make it first.`);
  refuseOddTarget(target);
  refuseTracked(target);
}

function refuseOddTarget(target: string): void {
  const there = lstatSync(target, { throwIfNoEntry: false });
  if (there === undefined || there.isFile()) return;
  const kind = there.isSymbolicLink() ? "a symbolic link" : "not a plain file";
  throw new Failure(
    `${target} is ${kind}; secrets are written to a plain file only. Remove it, or choose another name.`,
  );
}

/** Inside a git work tree the file has to be ignored, or the next `git add` takes the secrets along. */
function refuseTracked(target: string): void {
  const git = (...args: string[]): number => {
    try {
      execFileSync("git", args, { cwd: dirname(target), stdio: "ignore" });
      return 0;
    } catch (thrown) {
      return (thrown as { status?: number }).status ?? 128;
    }
  };
  // 0 = ignored, 1 = not ignored, anything else = no work tree, or no git.
  if (git("check-ignore", "--quiet", target) !== 1) return;
  throw new Failure(
    `${target} is not ignored by git, and would hold secrets. Add it to .gitignore, or write it elsewhere.`,
  );
}
