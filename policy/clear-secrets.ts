import { Secret } from "@pulumi/policy";

/** Names of inputs that hold secrets, whatever resource they are on. */
const SECRET_NAME = /(password|passphrase|secret|token|api_?key|private_?key|encryption_?key|credentials?)$/i;
/** Names of variables in the environment of a container or command that hold secrets. */
const SECRET_VARIABLE = /(PASSWORD|PASSPHRASE|SECRET|TOKEN|KEY|AUTH)$/;
/** An address that carries a password, as `postgres://user:password@host`. */
const URL_WITH_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** What the engine puts in the place of a text that is not known yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Maps all of whose values are secrets, by type of resource: whatever their keys are called. */
const SECRET_MAPS: { [type: string]: string[] } = {
  "pulumi-nodejs:dynamic/infisical:Secrets": ["values", "seeds"],
};

/**
 * Where secrets stand in clear among the inputs of a resource.
 * @param inputs with `Secret` around every value that is marked, as a remediation gets them.
 * @returns paths such as `login.password`; never a value.
 */
export function clearSecrets(type: string, inputs: object): string[] {
  return entriesOf(inputs).flatMap(([name, value]) =>
    (SECRET_MAPS[type] ?? []).includes(name) ? clearValues(value, name) : clearWithin(value, name),
  );
}

function clearValues(value: unknown, path: string): string[] {
  if (isText(value)) return [path];
  return isBranch(value) ? entriesOf(value).flatMap(([key, inner]) => clearValues(inner, `${path}.${key}`)) : [];
}

function clearWithin(value: unknown, path: string): string[] {
  if (isBranch(value)) return entriesOf(value).flatMap(([key, inner]) => clearWithin(inner, `${path}.${key}`));
  return isText(value) && (SECRET_NAME.test(path) || isSecretText(value)) ? [path] : [];
}

/** A value that gives itself away: `NAME=value` of an environment, an address with a password, a private key. */
function isSecretText(text: string): boolean {
  const [, variable = "", assigned = ""] = /^([A-Za-z_][A-Za-z0-9_]*)=(.+)$/s.exec(text) ?? [];
  // A path tells where the secret is, and not what it is.
  if (SECRET_VARIABLE.test(variable) && !assigned.startsWith("/")) return true;
  return [text, assigned].some((part) => URL_WITH_PASSWORD.test(part) || PRIVATE_KEY.test(part));
}

/** Own values as they are kept: a read through the inputs' proxy would take the mark off. */
function entriesOf(value: object): [string, unknown][] {
  return Object.entries(Object.getOwnPropertyDescriptors(value))
    .filter(([, descriptor]) => descriptor.enumerable === true)
    .map(([key, descriptor]) => [key, descriptor.value]);
}

function isBranch(value: unknown): value is object {
  return typeof value === "object" && value !== null && !(value instanceof Secret);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value !== UNKNOWN;
}
