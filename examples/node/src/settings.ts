import { readFileSync } from "node:fs";
import { SettingsError } from "./errors.js";

/** Where the secrets are and who asks for them. */
export interface Settings {
  readonly host: string;
  readonly projectId: string;
  readonly clientId: string;
  /** Gives the client secret; asked at every login, so that a rotated file needs no restart. */
  readonly clientSecret: () => string;
  readonly environment: string;
  readonly path: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Settings from INFISICAL_* variables; `<NAME>_FILE` names a file to read instead: a mounted secret, or an
 * environment file that has a line for the variable.
 * @throws SettingsError that names every variable which is missing
 */
export function settingsFromEnvironment(environment: Environment = process.env): Settings {
  const value = (name: string, fallback = ""): string => valueOf(environment, name) || fallback;
  const required = ["INFISICAL_PROJECT_ID", "INFISICAL_CLIENT_ID", "INFISICAL_CLIENT_SECRET"];
  const missing = required.filter((name) => value(name) === "");
  if (missing.length > 0) {
    throw new SettingsError(
      `Cannot read secrets: ${missing.join(", ")} not set in the environment of this process. ` +
        "`npm run env` in the stack's project gives all of them; see the README.",
    );
  }
  return {
    host: checkedHost(value("INFISICAL_HOST", "https://app.infisical.com")),
    projectId: value("INFISICAL_PROJECT_ID"),
    clientId: value("INFISICAL_CLIENT_ID"),
    clientSecret: () => value("INFISICAL_CLIENT_SECRET"),
    environment: value("INFISICAL_ENV", "dev"),
    path: value("INFISICAL_PATH", "/openai-rag"),
  };
}

function valueOf(environment: Environment, name: string): string {
  const file = environment[`${name}_FILE`];
  if (!file) return environment[name]?.trim() ?? "";
  const text = textOf(name, file);
  // An environment file, such as the one that a rotation keeps up to date.
  const line = new RegExp(`^(?:export )?${name}=(.*)$`, "m").exec(text);
  return line?.[1]?.trim() ?? text;
}

function textOf(name: string, file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    // Node's message is "ENOENT: no such file or directory, open '...'".
    const reason = error instanceof Error ? error.message.replace(/^\w+: (.*), \w+.*$/, "$1") : String(error);
    throw new SettingsError(
      `Cannot read ${name}_FILE '${file}': ${reason}. Check the path, and that this user may read it.`,
    );
  }
}

function checkedHost(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    throw new SettingsError(`INFISICAL_HOST is '${text}': it must start with http:// or https:// and name a host.`);
  }
  // A name without a dot is this machine or a container on the same network.
  if (url.protocol === "http:" && url.hostname !== "127.0.0.1" && url.hostname.includes(".")) {
    console.error(
      `warning: INFISICAL_HOST is plain http to ${url.hostname}: the client secret and the values travel in clear.`,
    );
  }
  // The CLI wants the address with /api, the SDK without: take both.
  return text.replace(/\/+$/, "").replace(/\/api$/, "");
}
