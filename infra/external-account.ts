import * as pulumi from "@pulumi/pulumi";
import { isStatus, messageOf } from "./api/fault";
import { ownOrganization } from "./api/organizations";
import { askAs } from "./api/session";
import type { SettingsInput } from "./settings-schema";

/** How the program gets into an Infisical that exists already: a Universal Auth credential, or an access token. */
export interface ExternalAccount {
  clientId: string;
  clientSecret: string;
  /** Used in place of the credential when it is there. */
  token?: string;
}

type Environment = { readonly [name: string]: string | undefined };

/**
 * The account of target `external`, from the configuration or from the variables that Infisical's own command line uses.
 * @returns messages where it is not complete.
 */
export function externalAccountOf(
  settings: SettingsInput,
  env: Environment,
): { account: ExternalAccount; problems: string[] } {
  const clientId = settings["external.clientId"] ?? env.INFISICAL_UNIVERSAL_AUTH_CLIENT_ID ?? "";
  const clientSecret = settings["external.clientSecret"] ?? env.INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET ?? "";
  const hasCredential = clientId !== "" && clientSecret !== "";
  const token = settings["external.token"] ?? (hasCredential ? undefined : env.INFISICAL_TOKEN);
  const account = { clientId, clientSecret, ...(token === undefined || token === "" ? {} : { token }) };
  if (settings.target !== "external") return { account, problems: [] };
  const problems: string[] = [];
  if (settings["external.url"] === undefined) {
    problems.push(
      "infisical:external.url: the address of your Infisical is needed. Set it: pulumi config set external.url https://...",
    );
  }
  if (account.token === undefined && !hasCredential) {
    problems.push(
      "infisical:external.clientId, infisical:external.clientSecret: a Universal Auth credential of an identity that may make " +
        "projects and identities is needed. Set it: pulumi config set external.clientId ... and pulumi config set --secret " +
        "external.clientSecret; or INFISICAL_UNIVERSAL_AUTH_CLIENT_ID and INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET; " +
        "or a token: pulumi config set --secret external.token, INFISICAL_TOKEN",
    );
  }
  return { account, problems };
}

/**
 * The organization that an Infisical of somebody else's is worked in.
 * @throws pulumi.RunError when the server is not reached or does not take the account: nothing has been created then.
 */
export async function organizationOf(
  settings: SettingsInput & { url: string; account: ExternalAccount },
): Promise<string> {
  const given = settings["external.organizationId"];
  try {
    const own = await ownOrganization(askAs({ url: settings.url, ...settings.account }));
    return given ?? own.id;
  } catch (thrown) {
    const advice =
      isStatus(thrown, 401) || isStatus(thrown, 403) ? " Check external.clientId and external.clientSecret." : "";
    throw new pulumi.RunError(`${messageOf(thrown)}${advice}`);
  }
}
