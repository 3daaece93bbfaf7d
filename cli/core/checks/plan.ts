import { at } from "../../../infra/api/answer";
import { messageOf } from "../../../infra/api/fault";
import { askAs } from "../../../infra/api/session";
import { urlOf } from "../settings";
import { automationIn } from "../deployment";
import type { Finding, Patient } from "./patient";

/** Features of a plan that people look for, and what they are to them. */
const LICENSED: { [feature: string]: string } = {
  rbac: "custom roles",
  groups: "groups",
  secretApproval: "approvals",
  auditLogs: "audit logs",
  ipAllowlisting: "IP lists",
  dynamicSecret: "dynamic secrets",
  secretRotation: "rotation by the server",
};

/** What the server's licence allows: it says so by its plan. */
export async function checkPlan(patient: Patient): Promise<Finding[]> {
  const check = "licence";
  if (!patient.answers) return [{ check, status: "unknown", seen: "no server answers that could be asked" }];
  const { deployment } = patient.opened;
  const account = deployment === undefined ? undefined : automationIn(deployment);
  if (account === undefined)
    return [{ check, status: "unknown", seen: "no automation identity in the state to ask with" }];
  const { organizationId, ...credential } = account;
  try {
    const answer = await askAs({ url: urlOf(patient.workspace), ...credential })({
      method: "GET",
      path: `/api/v1/organizations/${organizationId}/plan`,
    });
    const names = Object.entries(LICENSED).flatMap(([feature, name]) =>
      at(answer, `plan.${feature}`) === true ? [name] : [],
    );
    const seen =
      names.length === 0 ? `free; refused: ${Object.values(LICENSED).join(", ")}` : `licensed: ${names.join(", ")}`;
    return [{ check, status: "ok", seen }];
  } catch (thrown) {
    return [{ check, status: "unknown", seen: `the server does not say: ${messageOf(thrown)}` }];
  }
}
