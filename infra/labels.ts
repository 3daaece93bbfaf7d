/** Docker labels on everything that a stack makes, so that it can be found, and told from what others made. */
export const PROJECT_LABEL = "infisical-pulumi.project";
export const STACK_LABEL = "infisical-pulumi.stack";
/** `server`, `postgres`, `redis`, or the kind of a network or volume. */
export const ROLE_LABEL = "infisical-pulumi.role";
/** On the Postgres volume: fingerprint of the key that its data is written with (key-fingerprint.ts). */
export const FINGERPRINT_LABEL = "infisical-pulumi.key-fingerprint";
/** Time after which the reaper may take it; only on what is a throwaway. */
export const EXPIRES_LABEL = "infisical-pulumi.expires";
