import { readLocks } from "../lock";
import type { Finding, Patient } from "./patient";

/** Whether a run was broken off, or is under way. */
export async function checkRuns({ workspace, state }: Patient): Promise<Finding[]> {
  const check = "last run";
  const locks = readLocks(workspace) ?? [];
  const remedy = `npm run repair -- --stack ${workspace.stack}`;
  const dead = locks.find(({ state }) => state === "dead");
  if (dead !== undefined) return [{ check, status: "bad", seen: `was killed (${dead.holder})`, remedy }];
  const [busy] = locks;
  if (busy !== undefined) return [{ check, status: "unknown", seen: `under way (${busy.holder})` }];
  if (state.pending.length > 0) {
    return [{ check, status: "bad", seen: `left ${state.pending.length} operations without an end`, remedy }];
  }
  return [{ check, status: "ok", seen: "ended, and holds no lock" }];
}
