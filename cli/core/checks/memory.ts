import { totalmem } from "node:os";
import { labelsOf } from "../../../infra/labels";
import type { Finding, Patient } from "./patient";

/** In MiB: the server takes about 1 GB, its first start and the databases beside it the rest. */
const LEAST = { docker: 2048, sandbox: 1024, external: 0 };

/** Whether the machine has what the stack needs, and what its containers may take. */
export async function checkMemory({ workspace, target, engine }: Patient): Promise<Finding[]> {
  const check = "memory";
  const info = (await engine?.info().catch(() => undefined)) as { MemTotal?: number } | undefined;
  const total = Math.round((info?.MemTotal ?? totalmem()) / 1024 ** 2);
  const containers = (await engine?.listContainers({ filters: { label: labelsOf(workspace.stack) } })) ?? [];
  const limits = await Promise.all(
    containers.map(async ({ Id }) => ((await engine?.getContainer(Id).inspect())?.HostConfig.Memory ?? 0) / 1024 ** 2),
  );
  const needed = Math.max(
    LEAST[target],
    limits.reduce((sum, limit) => sum + limit, 0),
  );
  const seen = `${total} MiB; the stack may take ${needed}`;
  if (total >= needed) return [{ check, status: "ok", seen }];
  const remedy = `npm run pulumi -- config set server.profile small -s ${workspace.stack}, or a larger machine`;
  return [{ check, status: "bad", seen, remedy }];
}
