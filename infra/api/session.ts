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
}

/** A call as the automation identity: logs in when needed, and once more when the token is refused meanwhile. */
export async function authorized(connection: Connection, call: Omit<Call, "token">): Promise<unknown> {
  const token = await tokenFor(connection);
  try {
    return await send(connection.url, { ...call, token });
  } catch (thrown) {
    if (!isTokenRefused(thrown)) throw thrown;
    forgetToken(connection);
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

/** Whether the credential logs in. Anything but a clear yes or no is thrown. */
export async function credentialWorks(connection: Connection): Promise<boolean> {
  try {
    await logIn(connection);
    return true;
  } catch (thrown) {
    if (isStatus(thrown, 401)) return false;
    throw thrown;
  }
}

/**
 * One login per credential and engine run. Module state does not survive serialisation, `globalThis` does: all
 * providers of a run share one process. The promise is kept, not the token, so that parallel creates wait for one login.
 */
function tokenFor(connection: Connection): Promise<string> {
  const tokens = tokenCache();
  const key = cacheKey(connection);
  const known = tokens[key];
  if (known !== undefined) return known;
  const login = logIn(connection).catch((thrown: unknown) => {
    delete tokens[key];
    if (!isStatus(thrown, 401)) throw thrown;
    throw fault(
      `The automation identity ${connection.clientId} cannot log in to ${connection.url}: ${thrown.detail}. ` +
        "Its client secret was revoked or has expired: run `pulumi refresh`, then `pulumi up`, which makes a new one.",
      { kind: "answer", status: 401, error: thrown.error, detail: thrown.detail },
    );
  });
  tokens[key] = login;
  return login;
}

function forgetToken(connection: Connection): void {
  delete tokenCache()[cacheKey(connection)];
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
