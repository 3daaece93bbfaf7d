import { at, objectsAt, optionalString, stringAt } from "./answer";
import { isStatus } from "./fault";
import { send, type Ask } from "./http";

/** The person who administers the instance. */
export interface AdministratorLogin {
  email: string;
  password: string;
}

/** A user's session in one organization. Its token outlives a log-out for days, so it is never stored and never printed. */
export interface UserSession {
  token: string;
  organizationId: string;
  /** Its name when the session was opened. */
  organization: string;
}

export interface InstanceConfig {
  /** Whether an administrator exists. */
  initialized: boolean;
  /** Whether strangers may sign up; still open after the first administrator came. */
  allowSignUp: boolean;
}

/** The public configuration of the instance; needs no credential. */
export async function instanceConfig(url: string): Promise<InstanceConfig> {
  const answer = await send(url, { method: "GET", path: "/api/v1/admin/config" });
  return {
    initialized: at(answer, "config.initialized") === true,
    allowSignUp: at(answer, "config.allowSignUp") === true,
  };
}

/**
 * Makes the first administrator, as the set-up page does. Unlike `admin/bootstrap`, which at v0.159.22 makes one who
 * cannot log in and hands out a token without an end (upstream issue 4997).
 * @throws status 400 once the instance has an administrator.
 */
export async function signUp(url: string, login: AdministratorLogin): Promise<void> {
  await send(url, {
    method: "POST",
    path: "/api/v1/admin/signup",
    body: { email: login.email, password: login.password, firstName: "Admin", lastName: "User" },
  });
}

/**
 * Logs the administrator in and enters the organization.
 * @returns nothing when the password is not theirs: the instance has another administrator.
 */
export async function openSession(url: string, login: AdministratorLogin): Promise<UserSession | undefined> {
  const body = { email: login.email, password: login.password };
  let token: string;
  try {
    const answer = await send(url, { method: "POST", path: "/api/v3/auth/login", body, repeatable: true });
    token = stringAt(answer, "accessToken");
  } catch (thrown) {
    // 400 "Invalid credentials", the same for an unknown user.
    if (isStatus(thrown, 400) || isStatus(thrown, 401)) return undefined;
    throw thrown;
  }
  const listed = await send(url, { method: "GET", path: "/api/v1/organization", token });
  const [first] = objectsAt(listed, "organizations");
  const organizationId = stringAt(first, "id");
  const entered = await send(url, {
    method: "POST",
    path: "/api/v3/auth/select-organization",
    body: { organizationId },
    token,
    repeatable: true,
  });
  return { token: stringAt(entered, "token"), organizationId, organization: optionalString(first, "name") ?? "" };
}

/** Ends the session as far as the server lets it. */
export async function closeSession(url: string, session: UserSession): Promise<void> {
  await send(url, { method: "POST", path: "/api/v1/auth/logout", token: session.token, repeatable: true });
}

/** Gives the organization its name. */
export async function nameOrganization(url: string, session: UserSession, name: string): Promise<void> {
  const path = `/api/v1/organization/${session.organizationId}`;
  await send(url, { method: "PATCH", path, body: { name }, token: session.token });
}

/** Opens or closes sign-up for strangers. */
export async function setSignUp(url: string, session: UserSession, allowSignUp: boolean): Promise<void> {
  await send(url, { method: "PATCH", path: "/api/v1/admin/config", body: { allowSignUp }, token: session.token });
}

/** Name of the organization that a machine identity belongs to. */
export async function organizationName(ask: Ask): Promise<string> {
  const answer = await ask({ method: "GET", path: "/api/v1/identities/details" });
  return optionalString(answer, "identityDetails.organization.name") ?? "";
}
