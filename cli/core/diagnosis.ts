import { messageOf } from "../../infra/api/fault";
import { dockerEngine } from "../../infra/docker-engine";
import { diagnoseServer } from "../../infra/gate/answers";
import { findFailure } from "../../infra/gate/containers";
import { dockerHostIn } from "./orphans";
import { readState, type StackResource } from "./state";
import type { Workspace } from "./workspace";

/**
 * Why a run may have failed, as far as containers and server tell: a dead container with the end of its log and the
 * known causes in it, else what is wrong with what answers at the server's address.
 * @returns lines for a person; nothing when both look well.
 */
export async function likelyCause(workspace: Workspace): Promise<string | undefined> {
  const { resources } = await readState(workspace);
  return (await inContainers(resources)) ?? (await atAddress(resources));
}

async function inContainers(resources: StackResource[]): Promise<string | undefined> {
  const ids = resources.filter(({ type }) => type === "docker:index/container:Container").map(({ id }) => id ?? "");
  if (ids.length === 0) return undefined;
  try {
    const failure = await findFailure(dockerEngine(dockerHostIn(resources)), ids);
    return failure === undefined ? undefined : `container ${failure.container}: ${failure.story}`;
  } catch (thrown) {
    return `Docker is not reached: ${messageOf(thrown)}`;
  }
}

async function atAddress(resources: StackResource[]): Promise<string | undefined> {
  const url = serverAddressIn(resources);
  const known = url === undefined ? undefined : await diagnoseServer(url);
  return known === undefined ? undefined : `cause: ${known.cause}\nremedy: ${known.remedy}`;
}

/** Address of the server, as one of the resources inside it has it; a broken first run has no outputs yet. */
export function serverAddressIn(resources: StackResource[]): string | undefined {
  for (const { type, inputs } of resources) {
    if (!type.startsWith("pulumi-nodejs:dynamic/infisical:")) continue;
    const connection = inputs?.connection as { url?: unknown } | undefined;
    const url = inputs?.url ?? connection?.url;
    if (typeof url === "string") return url;
  }
  return undefined;
}
