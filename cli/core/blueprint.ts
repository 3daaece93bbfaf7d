import { join, resolve } from "node:path";
import { loadBlueprint } from "../../infra/blueprint/load";
import type { Blueprint } from "../../infra/blueprint/schema";
import { Failure } from "./failure";
import { ROOT } from "./places";
import { settingIn } from "./stack-file";
import type { Workspace } from "./workspace";

/** The blueprint that a stack's configuration names. */
export function readBlueprint(workspace: Workspace): Blueprint {
  const file = workspace.configFile ?? join(ROOT, `Pulumi.${workspace.stack}.yaml`);
  const label = settingIn(file, "blueprint") ?? "blueprints/my-rag.yaml";
  try {
    return loadBlueprint(resolve(ROOT, label), label, { licensed: settingIn(file, "server.licenseKey") !== undefined });
  } catch (thrown) {
    throw new Failure(thrown instanceof Error ? thrown.message : String(thrown));
  }
}
