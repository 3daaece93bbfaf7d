import type Docker from "dockerode";
import { dockerEngine } from "../../infra/docker-engine";
import { settingOf } from "./settings";
import type { Workspace } from "./workspace";

/** The Docker engine that a stack's containers run on; nothing when none answers. */
export function engineOf(workspace: Workspace): Promise<Docker | undefined> {
  return reachedEngine(settingOf(workspace, "server.dockerHost"));
}

/** The Docker engine of a host, see {@link dockerEngine}; nothing when none answers. */
export async function reachedEngine(host: string | undefined): Promise<Docker | undefined> {
  try {
    const engine = dockerEngine(host);
    await engine.ping();
    return engine;
  } catch {
    return undefined;
  }
}
