import type { SettingsInput } from "../settings-schema";

type ImageSettings = Pick<SettingsInput, "image.infisical" | "image.postgres" | "image.redis" | "image.mirror"> &
  Partial<Pick<SettingsInput, "postgres.uri" | "redis.uri">>;

/** The name of an image as the Docker host is asked for it, with the mirror before it where there is one. */
export function imageName(settings: ImageSettings, role: "infisical" | "postgres" | "redis"): string {
  const mirror = settings["image.mirror"];
  return mirror === undefined ? settings[`image.${role}`] : `${mirror}/${settings[`image.${role}`]}`;
}

/** All images of a stack; none for what is not a container of its own. */
export function imageNames(settings: ImageSettings): string[] {
  const outside = (role: string): boolean =>
    (role === "postgres" || role === "redis") && settings[`${role}.uri`] !== undefined;
  return (["postgres", "redis", "infisical"] as const)
    .filter((role) => !outside(role))
    .map((role) => imageName(settings, role));
}
