import { at, stringAt } from "./answer";
import { isNotFound, isStatus, refusal } from "./fault";
import { send } from "./http";
import type { AdministratorLogin, UserSession } from "./administrator";
import { askWith } from "./session";

/**
 * The other way to set an instance up, for servers that have no sign-up route. It makes a machine identity with a token
 * that administers the whole instance and, at v0.159.22, never ends; so it is used only where there is nothing else, and
 * the token is taken out of service before anything else is done.
 *
 * @param organization Name of the organization.
 * @throws status 400 once the instance has an administrator; a `refused` fault when the token is still good afterwards.
 */
export async function bootstrapWithoutToken(
  url: string,
  login: AdministratorLogin,
  organization: string,
): Promise<void> {
  const body = { email: login.email, password: login.password, organization };
  const answer = await send(url, { method: "POST", path: "/api/v1/admin/bootstrap", body });
  await retireToken(url, stringAt(answer, "identity.credentials.token"));
}

/** Revokes an access token, and has the server prove it by a 401. */
async function retireToken(url: string, accessToken: string): Promise<void> {
  const path = "/api/v1/auth/token/revoke";
  try {
    await send(url, { method: "POST", path, body: { accessToken }, repeatable: true });
  } catch (thrown) {
    // Some servers refuse a token without an end from the start, also here.
    if (!isStatus(thrown, 401)) throw thrown;
  }
  try {
    await send(url, { method: "GET", path: "/api/v1/identities/details", token: accessToken });
  } catch (thrown) {
    if (isStatus(thrown, 401)) return;
    throw thrown;
  }
  throw refusal(
    `the token that ${url} handed out at its set-up is still good after it was revoked. ` +
      'Delete the identity "Instance Admin Identity" on the web page (organization, access control, identities).',
  );
}

/**
 * Deletes the identities that a bootstrap made, and with them their tokens, also those whose answer was lost: nobody
 * knows them, and nobody could revoke them.
 */
export async function deleteBootstrapIdentities(url: string, session: UserSession): Promise<void> {
  const config = await send(url, { method: "GET", path: "/api/v1/admin/config", token: session.token });
  const ids = at(config, "config.adminIdentityIds");
  const ask = askWith(url, session);
  for (const id of Array.isArray(ids) ? ids.map(String) : []) {
    try {
      await ask({ method: "DELETE", path: `/api/v1/identities/${id}` });
    } catch (thrown) {
      if (!isNotFound(thrown)) throw thrown;
    }
  }
}
