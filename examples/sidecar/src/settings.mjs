import { readFileSync } from "node:fs";

/**
 * Where the secrets are, who asks for them, and how the sidecar serves them. Times in milliseconds.
 * @typedef {object} Settings
 * @property {string} host
 * @property {string} projectId
 * @property {string} clientId
 * @property {() => string} clientSecret read anew at every login, so that a rotated file needs no restart
 * @property {string} environment
 * @property {string} path
 * @property {string} socket
 * @property {number} refresh how often the folder is read; default 15 s
 * @property {number} maxStale how old the last good values may get while the server is away; default 1 h
 * @property {number} timeout for one request; default 5 s
 */

/** A setting that is missing or cannot work; the message says which. */
export class SettingsError extends Error {}

/**
 * Settings from the environment; `<NAME>_FILE` names a file to read instead: a mounted secret, or an environment file
 * that has a line for the variable.
 * @param {Readonly<Record<string, string | undefined>>} environment
 * @returns {Settings}
 */
export function settingsFrom(environment) {
  /** @param {string} name */
  const value = (name, fallback = "") => valueOf(environment, name) || fallback;
  const required = ["INFISICAL_HOST", "INFISICAL_PROJECT_ID", "INFISICAL_CLIENT_ID", "INFISICAL_CLIENT_SECRET"];
  const missing = required.filter((name) => value(name) === "");
  if (missing.length > 0) {
    throw new SettingsError(
      `Cannot start: ${missing.join(", ")} not set in the environment. \`npm run env\` in the stack's project gives all of them.`,
    );
  }
  const host = value("INFISICAL_HOST");
  if (!/^https?:\/\/[^/]/.test(host)) {
    throw new SettingsError(`INFISICAL_HOST is '${host}': it must start with http:// or https:// and name a host.`);
  }
  const refresh = seconds(value("SIDECAR_REFRESH_SECONDS", "15"), "SIDECAR_REFRESH_SECONDS");
  const maxStale = seconds(value("SIDECAR_MAX_STALE_SECONDS", "3600"), "SIDECAR_MAX_STALE_SECONDS");
  if (maxStale < refresh) {
    throw new SettingsError("SIDECAR_MAX_STALE_SECONDS must not be below SIDECAR_REFRESH_SECONDS.");
  }
  return {
    host: host.replace(/\/+$/, "").replace(/\/api$/, ""),
    projectId: value("INFISICAL_PROJECT_ID"),
    clientId: value("INFISICAL_CLIENT_ID"),
    clientSecret: () => value("INFISICAL_CLIENT_SECRET"),
    environment: value("INFISICAL_ENV", "dev"),
    path: value("INFISICAL_PATH", "/openai-rag"),
    socket: value("SIDECAR_SOCKET", "/run/secrets-sidecar/secrets.sock"),
    refresh,
    maxStale,
    timeout: seconds(value("SIDECAR_TIMEOUT_SECONDS", "5"), "SIDECAR_TIMEOUT_SECONDS"),
  };
}

/**
 * @param {Readonly<Record<string, string | undefined>>} environment
 * @param {string} name
 */
function valueOf(environment, name) {
  const file = environment[`${name}_FILE`];
  if (!file) return environment[name]?.trim() ?? "";
  const text = textOf(name, file);
  // An environment file, such as the one that a rotation keeps up to date.
  const line = new RegExp(`^(?:export )?${name}=(.*)$`, "m").exec(text);
  return line?.[1]?.trim() ?? text;
}

/**
 * @param {string} name
 * @param {string} file
 */
function textOf(name, file) {
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

/**
 * @param {string} text
 * @param {string} name
 */
function seconds(text, name) {
  const number = Number(text);
  if (!(number > 0 && number <= 86_400)) {
    throw new SettingsError(`${name} is '${text}': give seconds, above 0 and at most 86400.`);
  }
  return number * 1000;
}
