import type Docker from "dockerode";
import { dockerEngine } from "../../infra/docker-engine";
import { settingOf } from "./settings";
import type { Workspace } from "./workspace";

/** The Docker engine that a stack's containers run on; nothing when none answers. */
export async function engineOf(workspace: Workspace): Promise<Docker | undefined> {
  try {
    const engine = dockerEngine(settingOf(workspace, "server.dockerHost"));
    await engine.ping();
    return engine;
  } catch {
    return undefined;
  }
}
