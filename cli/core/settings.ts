import { settingsSchema, type SettingsInput } from "../../infra/settings-schema";
import { settingIn, stackFileOf } from "./stack-file";
import type { Workspace } from "./workspace";

/** A setting of the stack, its default when it is not set or not valid. Secret ones are not for this. */
export function settingOf<Key extends keyof SettingsInput>(workspace: Workspace, key: Key): SettingsInput[Key] {
  const shape = settingsSchema.shape[key];
  const given = shape.safeParse(settingIn(stackFileOf(workspace), key));
  return (given.success ? given.data : shape.parse(undefined)) as SettingsInput[Key];
}

/** Address of the stack's server, made of its settings as the program makes it. */
export function urlOf(workspace: Workspace): string {
  const given = settingOf(workspace, settingOf(workspace, "target") === "external" ? "external.url" : "server.siteUrl");
  const url = given ?? `http://localhost:${settingOf(workspace, "server.port")}`;
  return url.replace(/\/+$/, "");
}
