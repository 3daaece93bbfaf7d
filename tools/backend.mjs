// Whose backend and whose passphrase: the user's own when there is one, else the project's, under `.local`.
import { readFileSync } from "node:fs";
import { join } from "node:path";

function currentLogin(env, home) {
  const file = env.PULUMI_CREDENTIALS_PATH
    ? join(env.PULUMI_CREDENTIALS_PATH, "credentials.json")
    : join(env.PULUMI_HOME || join(home, ".pulumi"), "credentials.json");
  try {
    const { current } = JSON.parse(readFileSync(file, "utf8"));
    return typeof current === "string" && current !== "" ? current : undefined;
  } catch {
    return undefined; // no file, or not one that Pulumi could use
  }
}

/** An address without user, password and query, which may carry credentials. */
function withoutCredentials(address) {
  return address.replace(/\/\/[^/@]*@/, "//").replace(/[?#].*$/, "");
}

/**
 * What makes the Pulumi backend the user's own.
 * @param env environment variables
 * @param home the user's home folder
 * @returns a short text for messages, such as `PULUMI_BACKEND_URL` or `pulumi login (file://~)`; undefined when there is
 * none and the project's own file backend is to be used
 */
export function ownBackend(env, home) {
  if (env.PULUMI_BACKEND_URL) return "PULUMI_BACKEND_URL";
  if (env.PULUMI_ACCESS_TOKEN) return "PULUMI_ACCESS_TOKEN";
  const login = currentLogin(env, home);
  return login === undefined ? undefined : `pulumi login (${withoutCredentials(login)})`;
}

/**
 * Which variable holds the user's own passphrase.
 * @returns the variable's name, or undefined. An empty PULUMI_CONFIG_PASSPHRASE counts: for Pulumi it is a passphrase.
 */
export function ownPassphrase(env) {
  if (env.PULUMI_CONFIG_PASSPHRASE !== undefined) return "PULUMI_CONFIG_PASSPHRASE";
  if (env.PULUMI_CONFIG_PASSPHRASE_FILE) return "PULUMI_CONFIG_PASSPHRASE_FILE";
  return undefined;
}
