import { optionalString, stringAt } from "./answer";
import type { Ask } from "./http";

/** The organization that a machine identity belongs to. @throws 403 for the token of a person. */
export async function ownOrganization(ask: Ask): Promise<{ id: string; name: string }> {
  const answer = await ask({ method: "GET", path: "/api/v1/identities/details" });
  return {
    id: stringAt(answer, "identityDetails.organization.id"),
    name: optionalString(answer, "identityDetails.organization.name") ?? "",
  };
}
