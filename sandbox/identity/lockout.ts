import type { Cache } from "../store/cache.js";

/** Wrong secrets in a row lock an identity's Universal Auth for a while, also for the right secret. */
export interface LockoutPolicy {
  readonly identityId: string;
  readonly enabled: boolean;
  readonly threshold: number;
  readonly durationSeconds: number;
  /** Wrong secrets count together when they come within this time. */
  readonly counterResetSeconds: number;
}

export const lockoutKey = (identityId: string): string => `lockout:${identityId}`;
const failuresKey = (identityId: string): string => `lockout-failures:${identityId}`;

export async function isLocked(cache: Cache, policy: LockoutPolicy): Promise<boolean> {
  return policy.enabled && (await cache.get(lockoutKey(policy.identityId))) !== undefined;
}

export async function noteFailure(cache: Cache, policy: LockoutPolicy): Promise<void> {
  if (!policy.enabled) return;
  const failures = await cache.increment(failuresKey(policy.identityId), policy.counterResetSeconds * 1000);
  if (failures >= policy.threshold) {
    await cache.set(lockoutKey(policy.identityId), "locked", policy.durationSeconds * 1000);
  }
}

export const noteSuccess = async (cache: Cache, policy: LockoutPolicy): Promise<void> =>
  void (await cache.delete(failuresKey(policy.identityId)));

/** How many locks were taken away: 0 or 1. */
export async function clearLockouts(cache: Cache, identityId: string): Promise<number> {
  await cache.delete(failuresKey(identityId));
  return cache.delete(lockoutKey(identityId));
}
