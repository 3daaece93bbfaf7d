import { bootstrapState, serverKnowledge } from "../bootstrap-state";
import { upCommand } from "../pulumi";
import { urlOf } from "../settings";
import type { Finding, Patient } from "./patient";

/** Who the server belongs to. */
export async function checkBootstrap({
  workspace,
  target,
  opened,
  answers,
  state: { resources },
}: Patient): Promise<Finding[]> {
  if (target === "external" || opened.refused !== undefined) return [];
  const check = "server";
  if (!answers) {
    // Before the first `up`, nothing is there to answer.
    const status = resources.length === 0 ? "unknown" : "bad";
    return [
      {
        check,
        status,
        seen: `${urlOf(workspace)} does not answer`,
        remedy: upCommand(workspace.stack),
      },
    ];
  }
  const known = opened.deployment === undefined ? undefined : serverKnowledge(opened.deployment);
  const { state, story } = await bootstrapState(
    known ?? { url: urlOf(workspace), login: undefined, automation: undefined },
  );
  if (state === "ours") return [{ check, status: "ok", seen: story }];
  const status = known === undefined && state !== "foreign" ? "unknown" : "bad";
  const remedy = state === "foreign" ? "say whose it is, or choose another port or data" : upCommand(workspace.stack);
  return [{ check, status, seen: story, remedy }];
}
