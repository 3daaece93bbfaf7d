/** Names and values of a consumer's environment. */
export type Environment = { readonly [name: string]: string };

/** Forms in which a consumer takes its environment. */
export const FORMATS = {
  dotenv: (env: Environment) => lines(env, (name, value) => `${name}=${dotenvQuoted(value)}`),
  json: (env: Environment) => `${JSON.stringify(env, undefined, 2)}\n`,
  shell: (env: Environment) => lines(env, (name, value) => `export ${name}=${shellQuoted(value)}`),
  compose: (env: Environment) => `environment:\n${lines(env, (name, value) => `  ${name}: ${composeQuoted(value)}`)}`,
  github: (env: Environment) => lines(env, (name, value) => `${name}=${value}`),
} as const;

export type Format = keyof typeof FORMATS;

/** Names whose values are secrets. */
const SECRET_NAME = /SECRET|PASSWORD|TOKEN/;

/** The same names; of a secret only that it is there. */
export function masked(env: Environment): Environment {
  const hide = (name: string, value: string): string =>
    SECRET_NAME.test(name) ? `[secret, ${value.length} characters]` : value;
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, hide(name, value)]));
}

/** Commands of the workflow log that make a CI system hide a value. */
export function githubMasks(env: Environment): string {
  const secrets = Object.entries(env).filter(([name]) => SECRET_NAME.test(name));
  return secrets.map(([, value]) => `::add-mask::${value}\n`).join("");
}

function lines(env: Environment, line: (name: string, value: string) => string): string {
  return Object.entries(env)
    .map(([name, value]) => `${line(name, value)}\n`)
    .join("");
}

function dotenvQuoted(value: string): string {
  return /^[A-Za-z0-9_./:@-]*$/.test(value) ? value : JSON.stringify(value);
}

function shellQuoted(value: string): string {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/** In a compose file a dollar sign begins a variable. */
function composeQuoted(value: string): string {
  return JSON.stringify(value.replaceAll("$", "$$$$"));
}
