import type { UniversalAuthSettings } from "../api/universal-auth";

/**
 * Universal Auth as we set it when nothing else is asked for. The server's own defaults are 30 days for a token
 * (2,592,000 s); two hours is what an application needs that logs in again on its own. Times in seconds.
 */
export const DEFAULT_UNIVERSAL_AUTH: UniversalAuthSettings = {
  accessTokenTTL: 7200,
  accessTokenMaxTTL: 7200,
  accessTokenNumUsesLimit: 0,
  accessTokenPeriod: 0,
  // A free server refuses anything narrower.
  accessTokenTrustedIps: ["0.0.0.0/0", "::/0"],
  clientSecretTrustedIps: ["0.0.0.0/0", "::/0"],
  lockoutEnabled: true,
  lockoutThreshold: 3,
  lockoutDurationSeconds: 300,
  lockoutCounterResetSeconds: 30,
};
