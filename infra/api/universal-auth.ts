import { at, objectsAt, optionalNumber, optionalString, stringAt, type Json } from "./answer";
import { isNotFound, isRouteMissing, isStatus } from "./fault";
import type { Ask } from "./http";

/** How long and from where an identity's tokens are good; times in seconds, 0 = without limit. */
export interface UniversalAuthSettings {
  accessTokenTTL: number;
  /** Never below `accessTokenTTL`. */
  accessTokenMaxTTL: number;
  accessTokenNumUsesLimit: number;
  accessTokenPeriod: number;
  /** CIDR blocks. A free server takes `0.0.0.0/0` and `::/0` only. */
  accessTokenTrustedIps: string[];
  clientSecretTrustedIps: string[];
  lockoutEnabled: boolean;
  /** Wrong secrets until the identity is locked. */
  lockoutThreshold: number;
  lockoutDurationSeconds: number;
  lockoutCounterResetSeconds: number;
}

export interface UniversalAuth extends UniversalAuthSettings {
  clientId: string;
}

/** What is known of a client secret; its value is shown once, when it is made. */
export interface ClientSecretInfo {
  id: string;
  description: string;
  revoked: boolean;
  /** Seconds until it expires, from its creation; 0 = never. */
  ttl: number;
  /** Logins until it is used up; 0 = without limit. */
  numUsesLimit: number;
  numUses: number;
  /** ISO time. */
  createdAt: string;
}

function base(identityId: string): string {
  return `/api/v1/auth/universal-auth/identities/${identityId}`;
}

/** The identity's Universal Auth, or nothing when it is not attached. */
export async function getUniversalAuth(ask: Ask, identityId: string): Promise<UniversalAuth | undefined> {
  try {
    return universalAuthOf(at(await ask({ method: "GET", path: base(identityId) }), "identityUniversalAuth") as Json);
  } catch (thrown) {
    if (isNotFound(thrown)) return undefined;
    throw thrown;
  }
}

/** Attaches Universal Auth. @throws status 400 when it is attached already. */
export async function attachUniversalAuth(
  ask: Ask,
  identityId: string,
  settings: UniversalAuthSettings,
): Promise<UniversalAuth> {
  const answer = await ask({ method: "POST", path: base(identityId), body: bodyOf(settings) });
  return universalAuthOf(at(answer, "identityUniversalAuth") as Json);
}

/** Sets all settings: TTL and max TTL have to be sent together (upstream issue 7516). */
export async function updateUniversalAuth(
  ask: Ask,
  identityId: string,
  settings: UniversalAuthSettings,
): Promise<void> {
  await ask({ method: "PATCH", path: base(identityId), body: bodyOf(settings) });
}

/** Makes a client secret. @returns its id and its value, which the server never shows again. */
export async function createClientSecret(
  ask: Ask,
  identityId: string,
  { description, ttl, numUsesLimit }: { description: string; ttl: number; numUsesLimit: number },
): Promise<{ id: string; clientSecret: string; createdAt: string }> {
  const answer = await ask({
    method: "POST",
    path: `${base(identityId)}/client-secrets`,
    body: { description, ttl, numUsesLimit },
  });
  return {
    id: stringAt(answer, "clientSecretData.id"),
    clientSecret: stringAt(answer, "clientSecret"),
    createdAt: optionalString(answer, "clientSecretData.createdAt") ?? "",
  };
}

/** The client secrets that are not revoked; none when Universal Auth is not attached. */
export async function listClientSecrets(ask: Ask, identityId: string): Promise<ClientSecretInfo[]> {
  try {
    const answer = await ask({ method: "GET", path: `${base(identityId)}/client-secrets` });
    return objectsAt(answer, "clientSecretData").map(clientSecretOf);
  } catch (thrown) {
    if (isNotFound(thrown) || isStatus(thrown, 400)) return [];
    throw thrown;
  }
}

/** Revokes it; repeating does no harm, and one that is gone is fine. */
export async function revokeClientSecret(ask: Ask, identityId: string, id: string): Promise<void> {
  try {
    const path = `${base(identityId)}/client-secrets/${id}/revoke`;
    await ask({ method: "POST", path, body: {}, repeatable: true });
  } catch (thrown) {
    if (!isNotFound(thrown) && !isStatus(thrown, 400)) throw thrown;
  }
}

/**
 * Ends a lockout, which refuses the right secret too: three wrong ones within half a minute begin it, and it lasts five.
 * A server that does not know the route has no lockouts.
 */
export async function clearLockouts(ask: Ask, identityId: string): Promise<void> {
  try {
    await ask({ method: "POST", path: `${base(identityId)}/clear-lockouts`, body: {}, repeatable: true });
  } catch (thrown) {
    if (!isRouteMissing(thrown)) throw thrown;
  }
}

/** The one place that turns "CIDR" into the server's form and back: requests and answers differ. */
function bodyOf(settings: UniversalAuthSettings): { [name: string]: unknown } {
  const addresses = (list: string[]): { ipAddress: string }[] => list.map((ipAddress) => ({ ipAddress }));
  return {
    ...settings,
    accessTokenTrustedIps: addresses(settings.accessTokenTrustedIps),
    clientSecretTrustedIps: addresses(settings.clientSecretTrustedIps),
  };
}

function universalAuthOf(entry: Json): UniversalAuth {
  const number = (name: string): number => optionalNumber(entry, name) ?? 0;
  return {
    clientId: stringAt(entry, "clientId"),
    accessTokenTTL: number("accessTokenTTL"),
    accessTokenMaxTTL: number("accessTokenMaxTTL"),
    accessTokenNumUsesLimit: number("accessTokenNumUsesLimit"),
    accessTokenPeriod: number("accessTokenPeriod"),
    accessTokenTrustedIps: objectsAt(entry, "accessTokenTrustedIps").map(addressOf),
    clientSecretTrustedIps: objectsAt(entry, "clientSecretTrustedIps").map(addressOf),
    lockoutEnabled: entry.lockoutEnabled === true,
    lockoutThreshold: number("lockoutThreshold"),
    lockoutDurationSeconds: number("lockoutDurationSeconds"),
    lockoutCounterResetSeconds: number("lockoutCounterResetSeconds"),
  };
}

function addressOf(entry: Json): string {
  const address = optionalString(entry, "ipAddress") ?? "";
  const prefix = optionalNumber(entry, "prefix");
  return prefix === undefined || address.includes("/") ? address : `${address}/${prefix}`;
}

function clientSecretOf(entry: Json): ClientSecretInfo {
  return {
    id: stringAt(entry, "id"),
    description: optionalString(entry, "description") ?? "",
    revoked: entry.isClientSecretRevoked === true,
    ttl: optionalNumber(entry, "clientSecretTTL") ?? 0,
    numUsesLimit: optionalNumber(entry, "clientSecretNumUsesLimit") ?? 0,
    numUses: optionalNumber(entry, "clientSecretNumUses") ?? 0,
    createdAt: optionalString(entry, "createdAt") ?? "",
  };
}
