/** Docker labels on everything that a stack makes, so that it can be found, and told from what others made. */
export const PROJECT_LABEL = "infisical-pulumi.project";
export const STACK_LABEL = "infisical-pulumi.stack";
/** `server`, `postgres`, `redis`, or the kind of a network or volume. */
export const ROLE_LABEL = "infisical-pulumi.role";
/** On the Postgres volume: fingerprint of the key that its data is written with (key-fingerprint.ts). */
export const FINGERPRINT_LABEL = "infisical-pulumi.key-fingerprint";
/** Time after which the reaper may take it; only on what is a throwaway. */
export const EXPIRES_LABEL = "infisical-pulumi.expires";
/** On an image that stands for an official one: what it is. */
export const STAND_IN_LABEL = "infisical-pulumi-stack.stand-in";

/** The labels by which Docker finds what a stack has there, all of it or the one thing that has a role. */
export function labelsOf(stack: string, role?: string, project = "infisical"): string[] {
  const ofStack = [`${PROJECT_LABEL}=${project}`, `${STACK_LABEL}=${stack}`];
  return role === undefined ? ofStack : [...ofStack, `${ROLE_LABEL}=${role}`];
}
