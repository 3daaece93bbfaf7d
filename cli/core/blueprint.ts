import { resolve } from "node:path";
import { messageOf } from "../../infra/api/fault";
import { readBlueprintFile, type BlueprintFile } from "../../infra/blueprint/load";
import type { Blueprint } from "../../infra/blueprint/schema";
import { Failure } from "./failure";
import { ROOT } from "./places";
import { settingIn, stackFileOf } from "./stack-file";
import type { Workspace } from "./workspace";

/**
 * The blueprint that a stack's configuration names.
 * @param options grants whose end has passed are refused, unless they are to be kept.
 * @throws Failure with every problem and its line.
 */
export function readBlueprint(workspace: Workspace, options: { endedGrants?: "keep" } = {}): Blueprint {
  return openBlueprint(workspace, options).plan;
}

/** {@link readBlueprint}, and where in its file something stands. */
export function openBlueprint(workspace: Workspace, options: { endedGrants?: "keep" } = {}): BlueprintFile {
  const file = stackFileOf(workspace);
  const label = settingIn(file, "blueprint") ?? "blueprints/my-rag.yaml";
  const licensed =
    settingIn(file, "server.licenseKey") !== undefined || settingIn(file, "external.licensed") === "true";
  try {
    const now = options.endedGrants === "keep" ? { now: new Date(0) } : {};
    return readBlueprintFile(resolve(ROOT, label), label, { licensed, ...now });
  } catch (thrown) {
    throw new Failure(messageOf(thrown));
  }
}
