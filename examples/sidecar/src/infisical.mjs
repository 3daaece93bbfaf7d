/**
 * The two requests of Infisical's API that a reader needs: log in with Universal Auth, list one folder.
 *
 * Plain `fetch` rather than the SDK: the SDK repeats requests for about 15 s without a way to stop it, hides the error's
 * name (which tells an expired token from a missing right), and is 60 MB of packages for two requests.
 *
 * @typedef {import("./settings.mjs").Settings} Settings
 */

/** The server gave no usable answer: refused, timed out, 5xx or 429. Worth another try, and old values may be served. */
export class ServerAwayError extends Error {}

/** The server said no: wrong credentials, no grant, no such folder. Old values must not be served. */
export class RefusedError extends Error {}

/** The access token is over; a new login helps. */
class TokenRejectedError extends Error {}

/** Reads one folder. Not for parallel use: the caller reads one after another. */
export class Folder {
  /** @type {Settings} */
  #settings;
  /** @type {{token: string, renewAt: number} | undefined} */
  #login;
  /** @type {{etag: string, values: ReadonlyMap<string, string>} | undefined} */
  #last;

  /** @param {Settings} settings */
  constructor(settings) {
    this.#settings = settings;
  }

  /**
   * Every secret of the folder, imported ones included.
   * @returns {Promise<ReadonlyMap<string, string>>}
   * @throws {ServerAwayError | RefusedError}
   */
  async read() {
    if (!this.#login || performance.now() >= this.#login.renewAt) await this.#logIn();
    try {
      return await this.#list();
    } catch (error) {
      if (!(error instanceof TokenRejectedError)) throw error;
      await this.#logIn();
      try {
        return await this.#list();
      } catch (again) {
        throw again instanceof TokenRejectedError ? new RefusedError(again.message) : again;
      }
    }
  }

  async #logIn() {
    this.#login = undefined;
    const { clientId, clientSecret } = this.#settings;
    const answer = await this.#ask("log in", "/api/v1/auth/universal-auth/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ clientId, clientSecret: clientSecret() }),
    });
    const { accessToken, expiresIn } = /** @type {Record<string, unknown>} */ (answer.body);
    if (typeof accessToken !== "string") throw this.#refused("log in", "no access token in the answer");
    // 0 means a token without an end (v0.159.22): nothing to renew.
    const life = Number(expiresIn) > 0 ? Number(expiresIn) * 1000 : Infinity;
    this.#login = { token: accessToken, renewAt: performance.now() + (life * 2) / 3 };
  }

  async #list() {
    const { projectId, environment, path } = this.#settings;
    const query = new URLSearchParams({
      workspaceId: projectId,
      environment,
      secretPath: path,
      viewSecretValue: "true",
      expandSecretReferences: "true",
      include_imports: "true",
    });
    /** @type {Record<string, string>} */
    const headers = { authorization: `Bearer ${this.#login?.token}` };
    // The server answers 304 while nothing has changed.
    if (this.#last) headers["if-none-match"] = this.#last.etag;
    const answer = await this.#ask("read the folder", `/api/v3/secrets/raw?${query}`, { headers });
    if (answer.status === 304 && this.#last) return this.#last.values;
    const values = this.#valuesOf(answer.body);
    if (values.size === 0) await this.#checkEmptyIsAllowed(query);
    this.#last = answer.etag === "" ? undefined : { etag: answer.etag, values };
    return values;
  }

  /**
   * @param {unknown} body
   * @returns {ReadonlyMap<string, string>}
   */
  #valuesOf(body) {
    const { secrets, imports = [] } = /** @type {{secrets?: any[], imports?: any[]}} */ (body ?? {});
    if (!Array.isArray(secrets)) throw this.#refused("read the folder", "no list of secrets in the answer");
    // The server looks a name up in the folder first, then in its imports from the last one back: same order here.
    const all = [...imports.flatMap((one) => one.secrets), ...secrets];
    const hidden = all.find((secret) => secret.secretValueHidden === true);
    if (hidden)
      throw this.#refused("read the folder", `the value of '${hidden.secretKey}' is hidden from this identity`);
    return new Map(all.map((secret) => [String(secret.secretKey), String(secret.secretValue)]));
  }

  /**
   * A forbidden folder lists as empty with status 200. Reading one name tells: 403 forbidden, 404 really empty.
   * @param {URLSearchParams} query
   */
  async #checkEmptyIsAllowed(query) {
    await this.#ask("read the folder", `/api/v3/secrets/raw/NO_SECRET_HAS_THIS_NAME?${query}`, {
      headers: { authorization: `Bearer ${this.#login?.token}` },
      absenceIsFine: true,
    });
  }

  /**
   * @param {string} act
   * @param {string} route
   * @param {RequestInit & {absenceIsFine?: boolean}} request
   * @returns {Promise<{status: number, body: unknown, etag: string}>}
   */
  async #ask(act, route, { absenceIsFine = false, ...request }) {
    const { host, timeout } = this.#settings;
    let status;
    let text;
    let etag;
    try {
      const response = await fetch(host + route, {
        ...request,
        signal: AbortSignal.timeout(timeout),
        redirect: "error",
      });
      status = response.status;
      etag = response.headers.get("etag") ?? "";
      text = await response.text();
    } catch (error) {
      throw new ServerAwayError(`Cannot ${act}: no answer from ${host} (${reasonOf(error)}).`);
    }
    const body = parsed(text);
    if (status >= 500 || status === 429) throw new ServerAwayError(`Cannot ${act}: ${host} answered ${status}.`);
    if ((status >= 200 && status < 300) || status === 304) {
      if (status !== 304 && body === undefined) throw this.#refused(act, "the answer is no JSON: is this Infisical?");
      return { status, body, etag };
    }
    const { message, error } = /** @type {Record<string, unknown>} */ (body ?? {});
    if (absenceIsFine && status === 404 && String(message).startsWith("Secret with name"))
      return { status, body, etag };
    const seen = `${host} answered ${status} "${String(message).slice(0, 200).replace(/\.$/, "")}"`;
    if (act !== "log in" && (status === 401 || error === "TokenError")) throw new TokenRejectedError(seen);
    throw this.#refused(act, seen);
  }

  /**
   * @param {string} act
   * @param {string} seen
   */
  #refused(act, seen) {
    const { projectId, environment, path, clientId } = this.#settings;
    return new RefusedError(
      `Cannot ${act} as client ${clientId} in project ${projectId}, environment '${environment}', path '${path}': ${seen}. ` +
        "Check the INFISICAL_* settings and the identity's grant.",
    );
  }
}

/** @param {string} text */
function parsed(text) {
  try {
    return /** @type {unknown} */ (JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** @param {unknown} error */
function reasonOf(error) {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return String(cause);
  if (cause.name === "TimeoutError") return "nothing within the time limit";
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
}
