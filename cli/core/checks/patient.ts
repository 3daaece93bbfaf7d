import type Docker from "dockerode";
import { answersAt } from "../answers";
import { exportWithSecrets, type Deployment } from "../deployment";
import { engineOf } from "../engine";
import { stackExists } from "../pulumi";
import { settingOf, urlOf } from "../settings";
import { readState, type StackState } from "../state";
import type { Workspace } from "../workspace";

/** What a check found, and what to do about it. */
export interface Finding {
  check: string;
  /** `unknown`: it could not be looked at, and `seen` says why. */
  status: "ok" | "warn" | "bad" | "unknown";
  seen: string;
  /** What to do; always there when the status is `warn` or `bad`. */
  remedy?: string;
  /** The remedy as something that can be done unasked. @returns what was done. */
  fix?: () => Promise<string>;
}

/** A stack as the checks look at it; read once for all of them. */
export interface Patient {
  workspace: Workspace;
  target: "docker" | "sandbox" | "external";
  /** Nothing when none answers, or the stack does not use Docker. */
  engine: Docker | undefined;
  state: StackState;
  /** Whether the server's API answers; calls to one that does not are tried again for minutes. */
  answers: boolean;
  /** The state with its secrets; nothing when there is no stack yet, the reason when the passphrase does not open it. */
  opened: { deployment?: Deployment; refused?: string };
}

/** One noun of the machine or of the stack. */
export type Check = (patient: Patient) => Promise<Finding[]>;

export async function examine(workspace: Workspace): Promise<Patient> {
  const target = settingOf(workspace, "target");
  return {
    workspace,
    target,
    engine: target === "docker" ? await engineOf(workspace) : undefined,
    state: await readState(workspace),
    answers: await answersAt(urlOf(workspace)),
    opened: await openState(workspace),
  };
}

async function openState(workspace: Workspace): Promise<Patient["opened"]> {
  if (!(await stackExists(workspace))) return {};
  try {
    return { deployment: await exportWithSecrets(workspace) };
  } catch (thrown) {
    return { refused: thrown instanceof Error ? (thrown.message.split("\n").at(-1) ?? "") : String(thrown) };
  }
}

/** How long ago, for a person. */
export function age(since: Date, now = new Date()): string {
  const hours = (now.getTime() - since.getTime()) / 3_600_000;
  if (hours < 1) return "less than an hour";
  return hours < 48 ? `${Math.floor(hours)} h` : `${Math.floor(hours / 24)} days`;
}

export function daysSince(since: Date, now = new Date()): number {
  return (now.getTime() - since.getTime()) / 86_400_000;
}
