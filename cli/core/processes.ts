import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** A process of this machine that is alive; one that has ended and only waits to be collected does not count. */
export interface Process {
  pid: number;
  /** Process that started it; 1, or another reaper of the system, when that one has ended. */
  parent: number;
  /** Command and arguments, joined by spaces. */
  command: string;
  /** Its current folder, where the system tells it. */
  folder: string | undefined;
}

/** All living processes. Linux tells them in /proc, also where there is no `ps`; other systems are asked by `ps`. */
export function runningProcesses(): Process[] {
  return process.platform === "linux" ? fromProc() : fromPs();
}

function fromProc(): Process[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").join(" ").trim();
      // A process that has ended has no command line any more.
      return command === "" ? [] : [{ pid: Number(pid), parent: parentOf(pid), command, folder: folderOf(pid) }];
    } catch {
      return [];
    }
  });
}

function parentOf(pid: string): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name before it stands in brackets, and may hold anything.
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

function folderOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

function fromPs(): Process[] {
  const columns = ["-A", "-ww", "-o", "pid=,ppid=,stat=,args="];
  const text = execFileSync("ps", columns, { encoding: "utf8", maxBuffer: 64 << 20 });
  return text.split("\n").flatMap((line) => {
    const found = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+)$/.exec(line);
    if (found === null || found[3]?.startsWith("Z") === true) return [];
    return [{ pid: Number(found[1]), parent: Number(found[2]), command: found[4] ?? "", folder: undefined }];
  });
}

/** The process, or nothing when it is gone. */
export function runningProcess(pid: number): Process | undefined {
  return runningProcesses().find((candidate) => candidate.pid === pid);
}

/** Ends a process, politely first. @returns whether it is gone. */
export async function endProcess(pid: number): Promise<boolean> {
  for (const [signal, seconds] of [
    ["SIGTERM", 10],
    ["SIGKILL", 5],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return true;
    }
    for (let waited = 0; waited < seconds * 1_000; waited += 50) {
      if (runningProcess(pid) === undefined) return true;
      await pause(50);
    }
  }
  return false;
}

/** Whether something accepts connections on this port of this machine. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: 2_000 });
    const settle = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
    // Too busy to answer is not gone.
    socket.once("timeout", () => settle(true));
  });
}
