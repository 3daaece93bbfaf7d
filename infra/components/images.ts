import type { SettingsInput } from "../settings-schema";

type ImageSettings = Pick<SettingsInput, "image.infisical" | "image.postgres" | "image.redis" | "image.mirror">;

/** The name of an image as the Docker host is asked for it, with the mirror before it where there is one. */
export function imageName(settings: ImageSettings, role: "infisical" | "postgres" | "redis"): string {
  const mirror = settings["image.mirror"];
  return mirror === undefined ? settings[`image.${role}`] : `${mirror}/${settings[`image.${role}`]}`;
}

/** All images of a stack. */
export function imageNames(settings: ImageSettings): string[] {
  return (["postgres", "redis", "infisical"] as const).map((role) => imageName(settings, role));
}
