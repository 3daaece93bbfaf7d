import { belongingsOf } from "../belongings";
import { listens } from "../processes";
import { settingOf } from "../settings";
import type { Finding, Patient } from "./patient";

/** Whether the stack's port is its own, or free for it. */
export async function checkPort({ workspace, target, engine }: Patient): Promise<Finding[]> {
  if (target === "external") return [];
  const check = "port";
  const port = settingOf(workspace, "server.port");
  const { ports } = await belongingsOf(workspace, engine);
  if (ports.includes(String(port))) return [{ check, status: "ok", seen: `${port}, taken by this stack` }];
  if (!(await listens(port))) return [{ check, status: "ok", seen: `${port}, free` }];
  const remedy = `npm run pulumi -- config set server.port <another> -s ${workspace.stack}, or end the other program`;
  return [{ check, status: "bad", seen: `${port}, taken by another program or stack`, remedy }];
}
