import { PLACEHOLDER } from "../../../infra/blueprint/sources";
import { opened, resourcesIn } from "../deployment";
import { upCommand } from "../pulumi";
import type { Finding, Patient } from "./patient";

/** Secrets that the blueprint wants from the configuration, and that nobody has set. */
export async function checkPlaceholders({ opened: { deployment }, workspace }: Patient): Promise<Finding[]> {
  if (deployment === undefined) return [];
  const check = "secrets to fill in";
  const folders = resourcesIn(deployment).filter(({ type }) => type.endsWith("infisical:Secrets"));
  const unset = folders.flatMap(({ inputs }) => {
    const values = opened(inputs?.values) as { [key: string]: unknown } | undefined;
    return Object.entries(values ?? {}).flatMap(([key, value]) => (isPlaceholder(opened(value)) ? [key] : []));
  });
  if (unset.length === 0) return [{ check, status: "ok", seen: "none is missing" }];
  const { stack } = workspace;
  const remedy = `npm run pulumi -- config set --secret ${unset[0] ?? ""} -s ${stack}, then ${upCommand(stack)}`;
  return [{ check, status: "warn", seen: `${unset.join(", ")}: placeholders`, remedy }];
}

function isPlaceholder(value: unknown): boolean {
  return typeof value === "string" && value.startsWith(PLACEHOLDER);
}
