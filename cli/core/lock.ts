import { readFileSync, readdirSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { runningProcess } from "./processes";
import type { Workspace } from "./workspace";

const content = z.object({
  pid: z.number(),
  username: z.string().default("somebody"),
  hostname: z.string().default(""),
  timestamp: z.string().default(""),
});

/** Somebody's claim on a stack, as a file backend keeps it. */
export interface Lock {
  pid: number;
  /** For a person: who holds it, where and since when. */
  holder: string;
  /** `dead`: its process is gone; `alive`: it runs; `unknown`: it is on another machine. */
  state: "dead" | "alive" | "unknown";
}

/**
 * The locks of a stack.
 * @returns nothing when the backend is not a folder of this machine: its locks cannot be looked at then.
 */
export function readLocks(workspace: Workspace): Lock[] | undefined {
  const root = backendFolder(workspace.env.PULUMI_BACKEND_URL);
  if (root === undefined) return undefined;
  const folder = join(root, ".pulumi", "locks", "organization", "infisical", workspace.stack);
  return filesIn(folder).flatMap((file) => {
    try {
      return [lockOf(content.parse(JSON.parse(readFileSync(file, "utf8"))))];
    } catch {
      // Gone between the listing and the look: the run that held it has ended.
      return [];
    }
  });
}

function lockOf({ pid, username, hostname: host, timestamp }: z.output<typeof content>): Lock {
  return { pid, holder: `${username}@${host}, process ${pid}, since ${timestamp}`, state: stateOf(pid, host) };
}

function stateOf(pid: number, host: string): Lock["state"] {
  if (host !== hostname()) return "unknown";
  // The number may belong to another program by now.
  return /pulumi/.test(runningProcess(pid)?.command ?? "") ? "alive" : "dead";
}

/** Folder of a file backend; nothing when the backend is none, or cannot be read as one. */
export function backendFolder(url: string | undefined): string | undefined {
  if (url?.startsWith("file://") !== true) return undefined;
  if (url.startsWith("file://~")) return join(homedir(), url.slice("file://~".length));
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}
