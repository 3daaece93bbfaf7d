import { createHash } from "node:crypto";
import { stringAt } from "./answer";
import { fault, isStatus, isTokenRefused } from "./fault";
import { send, type Ask, type Call } from "./http";

/** How the program reaches Infisical: the address, and the Universal Auth credential of its automation identity. */
export interface Connection {
  /** Address of the server, such as `http://localhost:8080`, without a path. */
  url: string;
  clientId: string;
  clientSecret: string;
  /** An access token to use in place of the credential; nothing can renew it. */
  token?: string;
}

/** A call as the automation identity: logs in when needed, and once more when the token is refused meanwhile. */
export async function authorized(connection: Connection, call: Omit<Call, "token">): Promise<unknown> {
  const login = tokenFor(connection);
  const token = await login;
  try {
    return await send(connection.url, { ...call, token });
  } catch (thrown) {
    if (!isTokenRefused(thrown) || connection.token !== undefined) throw thrown;
    forgetToken(connection, login);
    return await send(connection.url, { ...call, token: await tokenFor(connection) });
  }
}

/** {@link authorized} for one connection, in the form that the functions of this folder take. */
export function askAs(connection: Connection): Ask {
  return (call) => authorized(connection, call);
}

/** Calls in a user's session. */
export function askWith(url: string, session: { token: string }): Ask {
  return (call) => send(url, { ...call, token: session.token });
}

/**
 * Logs a machine identity in by Universal Auth.
 * @returns the access token; it is a secret.
 * @throws status 401 for any bad pair, a revoked, used-up or expired client secret and during a lockout.
 */
export async function logIn(connection: Connection): Promise<string> {
  const { clientId, clientSecret } = connection;
  const answer = await send(connection.url, {
    method: "POST",
    path: "/api/v1/auth/universal-auth/login",
    body: { clientId, clientSecret },
    repeatable: true,
  });
  return stringAt(answer, "accessToken");
}

/** Whether the credential logs in now. Anything but a clear yes or no is thrown. */
export async function credentialWorks(connection: Connection): Promise<boolean> {
  try {
    await logIn(connection);
    return true;
  } catch (thrown) {
    if (isStatus(thrown, 401)) return false;
    throw thrown;
  }
}

/** The same by this run's one login with it, so that asking does not add to the refusals that lock an identity out. */
export async function credentialWorksInRun(connection: Connection): Promise<boolean> {
  try {
    await tokenFor(connection);
    return true;
  } catch (thrown) {
    if (isCredentialRefused(thrown)) return false;
    throw thrown;
  }
}

/** Our own name of the error, not the server's. */
const CREDENTIAL_REFUSED = "CredentialRefused";

/** The automation identity itself cannot log in; nothing that needs it can be said about any object. */
export function isCredentialRefused(thrown: unknown): boolean {
  return isStatus(thrown, 401) && thrown.error === CREDENTIAL_REFUSED;
}

/**
 * One login per credential and engine run. Module state does not survive serialisation, `globalThis` does: all
 * providers of a run share one process. The promise is kept, not the token, so that parallel creates wait for one login.
 */
function tokenFor(connection: Connection): Promise<string> {
  if (connection.token !== undefined) return Promise.resolve(connection.token);
  const tokens = tokenCache();
  const key = cacheKey(connection);
  const known = tokens[key];
  if (known !== undefined) return known;
  const login = logIn(connection).catch((thrown: unknown) => {
    // A refusal stays for this run: three of them lock the identity out, with the right secret too.
    if (!isStatus(thrown, 401)) {
      delete tokens[key];
      throw thrown;
    }
    throw fault(
      `The automation identity ${connection.clientId} cannot log in to ${connection.url}: ${thrown.detail}. ` +
        "Its client secret was revoked or has expired: run `pulumi refresh`, then `pulumi up`, which makes a new one.",
      { kind: "answer", status: 401, error: CREDENTIAL_REFUSED, detail: thrown.detail },
    );
  });
  tokens[key] = login;
  return login;
}

/** Forgets this login and no newer one: parallel calls that were refused together wait for one new login. */
function forgetToken(connection: Connection, login: Promise<string>): void {
  const tokens = tokenCache();
  const key = cacheKey(connection);
  if (tokens[key] === login) delete tokens[key];
}

function tokenCache(): Record<string, Promise<string>> {
  const shared = globalThis as { infisicalTokens?: Record<string, Promise<string>> };
  shared.infisicalTokens ??= {};
  return shared.infisicalTokens;
}

/** A hash: the secret itself never becomes a key that could be printed. */
function cacheKey(connection: Connection): string {
  return createHash("sha256").update(JSON.stringify(connection)).digest("hex");
}
