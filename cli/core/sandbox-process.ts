import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { LOCAL } from "./places";
import { endProcess, runningProcess } from "./processes";

const lockSchema = z.object({ pid: z.number(), port: z.number() });

/** A sandbox that runs. */
export type SandboxProcess = z.output<typeof lockSchema>;

/** Where the sandbox of a stack keeps its data. */
export function sandboxFolder(stack: string): string {
  return join(LOCAL, "sandbox", stack);
}

/** Where that data waits while a restore puts other data in its place. */
export function sandboxFolderAside(stack: string): string {
  return `${sandboxFolder(stack)}.before-restore`;
}

/** The sandbox of a stack, if one runs: who its data folder says holds it, when that is a sandbox still. */
export function sandboxProcess(stack: string): SandboxProcess | undefined {
  try {
    const lock = lockSchema.parse(JSON.parse(readFileSync(join(sandboxFolder(stack), "lock.json"), "utf8")));
    return isSandbox(lock.pid) ? lock : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a process is a sandbox: the number of one that has ended may belong to another program by now. */
export function isSandbox(pid: number): boolean {
  return runningProcess(pid)?.command.includes(join("sandbox", "main.ts")) === true;
}

/** Ends the sandbox of a stack, if one runs. */
export async function endSandbox(stack: string): Promise<void> {
  const running = sandboxProcess(stack);
  if (running !== undefined) await endProcess(running.pid);
}
