import { execFile } from "node:child_process";
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { FINGERPRINT_FILE } from "../../../infra/key-fingerprint";
import { Failure } from "../failure";
import { endSandbox, sandboxFolder, sandboxFolderAside, sandboxProcess } from "../sandbox-process";
import { Checksum, type PartCheck } from "./manifest";

/** What of the data folder is data: the store, the mark that it is whole, and the key's fingerprint. */
const CONTENT = ["pgdata", "pgdata.complete", FINGERPRINT_FILE];

/**
 * Packs the sandbox's store into a tar file. Its process stands still meanwhile (some tenths of a second): a copy of
 * files that do not move is what the store finds after a power cut, which it is made to survive; and unlike an end and
 * a new start it costs its users nothing.
 */
export async function packSandboxStore(stack: string, file: string): Promise<PartCheck> {
  const folder = sandboxFolder(stack);
  if (!existsSync(join(folder, "pgdata.complete"))) {
    throw new Failure(`the stack "${stack}" has no sandbox data in ${folder}; bring it up first: npm run sandbox`);
  }
  const content = CONTENT.filter((name) => existsSync(join(folder, name)));
  await standingStill(stack, () => tar(["-cf", file, "-C", folder, ...content]));
  const sum = new Checksum();
  for await (const piece of createReadStream(file)) sum.add(piece as Buffer);
  return sum.result;
}

async function standingStill(stack: string, work: () => Promise<void>): Promise<void> {
  const pid = sandboxProcess(stack)?.pid;
  if (pid === undefined) return work();
  const goOn = (): void => void process.kill(pid, "SIGCONT");
  // Ctrl-C must not leave it standing.
  process.once("exit", goOn);
  process.kill(pid, "SIGSTOP");
  try {
    await work();
  } finally {
    goOn();
    process.off("exit", goOn);
  }
}

/** Puts packed data in place of the sandbox's own, which waits beside it; the sandbox is ended before. */
export async function unpackSandboxStore(stack: string, file: string): Promise<void> {
  await endSandbox(stack);
  const [folder, aside] = [sandboxFolder(stack), sandboxFolderAside(stack)];
  if (existsSync(aside)) bringSandboxBack(stack);
  if (existsSync(folder)) renameSync(folder, aside);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await tar(["-xf", file, "-C", folder]);
}

/** Undoes {@link unpackSandboxStore}. */
export function bringSandboxBack(stack: string): void {
  if (!existsSync(sandboxFolderAside(stack))) return;
  rmSync(sandboxFolder(stack), { recursive: true, force: true });
  renameSync(sandboxFolderAside(stack), sandboxFolder(stack));
}

export function dropSandboxAside(stack: string): void {
  rmSync(sandboxFolderAside(stack), { recursive: true, force: true });
}

async function tar(args: string[]): Promise<void> {
  try {
    await promisify(execFile)("tar", args);
  } catch (thrown) {
    const { stderr = "", message } = thrown as Error & { stderr?: string };
    const said = stderr.trim() === "" ? message : stderr.trim();
    // "Wrote only" is how GNU tar says that the rest did not fit.
    if (/no space left|wrote only/i.test(said)) throw Object.assign(new Error(said), { code: "ENOSPC" });
    throw new Failure(`tar did not end well: ${said.split("\n").slice(-3).join("\n")}`);
  }
}
