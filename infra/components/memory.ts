import type { SettingsInput } from "../settings-schema";

type Role = "infisical" | "postgres" | "redis";

type MemorySettings = Pick<SettingsInput, "server.profile" | `memory.${Role}`>;

/** The server itself takes 0.8 to 1.1 GB. */
const PROFILES: { [profile in SettingsInput["server.profile"]]: { [role in Role]: number } } = {
  default: { infisical: 2048, postgres: 512, redis: 256 },
  small: { infisical: 1280, postgres: 256, redis: 128 },
};

/** Memory limit of a container, in MiB: what the stack says, else what the profile gives. */
export function memoryOf(settings: MemorySettings, role: Role): number {
  return settings[`memory.${role}`] ?? PROFILES[settings["server.profile"]][role];
}
