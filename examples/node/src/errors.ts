/**
 * What can go wrong between an application and Infisical, as classes with one clear message each: what failed, on what,
 * what was seen, what to do. No message holds a secret value, a client secret or a token.
 *
 * The SDK throws `InfisicalSDKRequestError` with the status inside its text and no field for it, and
 * `InfisicalSDKError` for everything else; neither class is exported. `explain` turns them into these.
 */

/** What a message needs to know about the place that was asked. */
export interface Target {
  readonly host: string;
  readonly projectId: string;
  readonly clientId: string;
  readonly environment: string;
}

/** Base of everything this example throws; `message` is fit for an end user. */
export class SecretsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}
/** The environment of this process lacks a setting or holds one that cannot work. */
export class SettingsError extends SecretsError {}
/** No usable answer: refused, timed out, or a 5xx or 429. Worth another try later. */
export class ServerAwayError extends SecretsError {}
/** The server's TLS certificate is not trusted by this process. */
export class CertificateError extends ServerAwayError {}
/** The server does not accept this client ID with this client secret. */
export class CredentialsError extends SecretsError {}
/** The client secret was right once; its lifetime or its number of uses is over. */
export class ExpiredClientSecretError extends CredentialsError {}
/** Too many wrong client secrets in a short time: even the right one is refused for a while. */
export class LockedOutError extends CredentialsError {}
/** The access token is expired or revoked. A new login helps; callers of the client never see this one. */
export class TokenRejectedError extends SecretsError {}
/** The identity is known, and may not read this place. */
export class AccessDeniedError extends SecretsError {}
/** There is no such project on this server, or the identity is not a member of it. */
export class ProjectNotFoundError extends SecretsError {}
/** There is no such folder, or no such environment, in the project. */
export class PathNotFoundError extends SecretsError {}
/** The folder exists and may be read; it has no secret of this name. */
export class SecretNotFoundError extends SecretsError {}
/** Something answered, and not in the way Infisical does. */
export class UnexpectedAnswerError extends SecretsError {}

const REQUEST_ERROR = /^\[URL=.*?\] \[Method=\w+\] \[StatusCode=(\d+)\] ([\s\S]*)$/;

/**
 * The error of this module for something that the SDK threw.
 * @param what the act for the message: "log in", "read secret 'X'"
 * @param path the folder that was asked for
 */
export function explain(error: unknown, target: Target, what: string, path: string): SecretsError {
  if (error instanceof SecretsError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const answered = REQUEST_ERROR.exec(text);
  if (answered) return explainAnswer(Number(answered[1]), oneLine(answered[2] ?? ""), target, what, path);
  if (/^Request failed with status 5\d\d|^(fetch failed|terminated)|aborted|timeout/i.test(text)) {
    return noAnswer(target, what, oneLine(text));
  }
  return new UnexpectedAnswerError(
    `Cannot ${what}: ${target.host} answered, but not as Infisical does (${oneLine(text).slice(0, 160)}). ` +
      "Check that INFISICAL_HOST is the address of the server itself, without a path.",
  );
}

/** The error for a server that gives no answer; `seen` is the reason, for instance ECONNREFUSED. */
export function noAnswer(target: Target, what: string, seen: string): ServerAwayError {
  if (/CERT|certificate|SELF_SIGNED|ERR_TLS/i.test(seen)) {
    return new CertificateError(
      `Cannot ${what}: ${target.host} has a TLS certificate that this process does not trust (${seen}). ` +
        "For a private CA, set NODE_EXTRA_CA_CERTS to its PEM file; do not switch verification off.",
    );
  }
  return new ServerAwayError(
    `Cannot ${what}: no answer from ${target.host} (${seen}). ` +
      "Check that the server runs (GET /api/status) and that INFISICAL_HOST is right.",
  );
}

function explainAnswer(status: number, message: string, target: Target, what: string, path: string): SecretsError {
  const seen = `${target.host} answered ${status} "${message.replace(/\.$/, "")}"`;
  const place = `environment '${target.environment}', path '${path}'`;
  if (status >= 500 || status === 429) {
    return new ServerAwayError(`Cannot ${what}: ${seen}. Try again; if it stays, look at the server's log.`);
  }
  if (what === "log in") {
    return explainLogin(status, message, `Cannot log in as client ${target.clientId}: ${seen}.`);
  }
  if (status === 401 || (status === 403 && isAboutTheToken(message))) {
    return new TokenRejectedError(`Cannot ${what}: ${seen}. Log in again.`);
  }
  if (/^You are not a member of this project|Project with/.test(message)) {
    return new ProjectNotFoundError(
      `Cannot ${what} in project ${target.projectId}: ${seen}. Check INFISICAL_PROJECT_ID (stack output \`projectId\`).`,
    );
  }
  if (status === 403) {
    return new AccessDeniedError(
      `Cannot ${what} in ${place}: ${seen}. The identity has no grant for this place: ` +
        "check INFISICAL_ENV and INFISICAL_PATH, or have it granted (a new grant takes up to 10 s).",
    );
  }
  if (status === 404 && message.startsWith("Folder with path")) {
    return new PathNotFoundError(
      `Cannot ${what} in ${place}: ${seen}. Check INFISICAL_ENV (a slug) and INFISICAL_PATH.`,
    );
  }
  if (status === 404 && message.startsWith("Secret with name")) {
    return new SecretNotFoundError(`Cannot ${what} in ${place}: ${seen}. Check the name (case counts) or create it.`);
  }
  if (status === 422) {
    return new SettingsError(`Cannot ${what} in ${place}: ${seen}. One of the settings has a form the server refuses.`);
  }
  return new UnexpectedAnswerError(
    `Cannot ${what} in ${place}: ${seen}. Check that INFISICAL_HOST is an Infisical server.`,
  );
}

function explainLogin(status: number, message: string, said: string): SecretsError {
  if (/expired client secret|usage limit/i.test(message)) {
    return new ExpiredClientSecretError(
      `${said} The client secret is past its lifetime or its number of uses: make a new one ` +
        "(`npm run up` in the stack's project, then `npm run env`) and set INFISICAL_CLIENT_SECRET.",
    );
  }
  if (/locked/i.test(message)) {
    return new LockedOutError(`${said} Wrong secrets were tried before: wait 5 minutes, or clear the lockout.`);
  }
  if ([400, 401, 403, 422].includes(status)) {
    return new CredentialsError(
      `${said} Check INFISICAL_CLIENT_ID and INFISICAL_CLIENT_SECRET (\`npm run env\` in the stack's project gives both as they are). ` +
        "A revoked client secret is answered like this too, and so is an expired one from its second use on.",
    );
  }
  return new UnexpectedAnswerError(
    `${said} Check that INFISICAL_HOST is the address of an Infisical server, without a path.`,
  );
}

/**
 * Tells a 403 about the token ("TokenError") from one about a right ("PermissionDenied"). The SDK drops the error's name,
 * so its message has to do: those of a token speak of the token, the signature or the JWT itself.
 */
function isAboutTheToken(message: string): boolean {
  return /^(your token has expired|the provided access token|invalid (signature|token|algorithm)|jwt )/i.test(message);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim().slice(0, 300);
}
