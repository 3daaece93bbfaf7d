import { InfisicalSDK } from "@infisical/sdk";
import {
  AccessDeniedError,
  SecretNotFoundError,
  SecretsError,
  ServerAwayError,
  SettingsError,
  TokenRejectedError,
  explain,
  noAnswer,
} from "./errors.js";
import { type Settings, settingsFromEnvironment } from "./settings.js";

/** A name no secret has: asking for it tells an empty folder (404) from a forbidden one (403). */
const PROBE = "NO_SECRET_HAS_THIS_NAME";

/** All times in milliseconds. */
export interface SecretsOptions {
  /** How long a value is served without asking again. Default 30,000. */
  readonly maxAge?: number;
  /** How old the last good values may get while the server is away, counted from the same read. Default 3,600,000. */
  readonly maxStale?: number;
  /** Limit for one act against the server. Default 5,000. */
  readonly timeout?: number;
  /** How long after a failed read the next one is tried. Default 5,000. */
  readonly retryEvery?: number;
  /** Where warnings go. Default: one line on stderr. */
  readonly warn?: (message: string) => void;
  /** A clock that never goes back. */
  readonly now?: () => number;
}

/** How old the values are that the next `get` would serve without asking the server. */
export interface Freshness {
  /** Milliseconds since the server last gave them; undefined before the first read. */
  readonly age: number | undefined;
  /** True while the server is away and values older than `maxAge` are served. */
  readonly stale: boolean;
  /** Why the last read failed; empty after a good one. */
  readonly reason: string;
}

interface Snapshot {
  readonly values: ReadonlyMap<string, string>;
  readonly readAt: number;
}

/** The part of the SDK's secrets that is used here. */
interface SdkSecret {
  readonly secretKey: string;
  readonly secretValue: string;
  readonly secretValueHidden?: boolean;
}

/**
 * Reads one folder of one environment from Infisical. What it adds to the SDK, and why:
 *
 * - one read for the whole folder: four keys cost one request, and values that belong together are from one moment;
 * - a cache of bounded age (the SDK has none);
 * - a new login when the token is over, never when a right is missing (both are status 403);
 * - time limits: with the server away the SDK repeats a request for about 15 s;
 * - the last good values while the server is away, for `maxStale` and no longer. Refusals are never covered by them.
 */
export class SecretsClient {
  readonly settings: Settings;
  readonly #options: Required<SecretsOptions>;
  readonly #sdk: InfisicalSDK;
  #snapshot: Snapshot | undefined;
  #reading: Promise<Snapshot> | undefined;
  #login: Promise<void> | undefined;
  #tokenDue: number | undefined;
  #failure: { readonly error: ServerAwayError; readonly at: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #renewing = false;

  constructor(settings: Settings = settingsFromEnvironment(), options: SecretsOptions = {}) {
    this.settings = settings;
    this.#options = {
      maxAge: 30_000,
      maxStale: 3_600_000,
      timeout: 5_000,
      retryEvery: 5_000,
      warn: (message) => console.error(`warning: ${message}`),
      now: () => performance.now(),
      ...options,
    };
    if (this.#options.maxStale < this.#options.maxAge) {
      throw new SettingsError(
        `maxStale (${this.#options.maxStale} ms) must not be below maxAge (${this.#options.maxAge} ms).`,
      );
    }
    this.#sdk = new InfisicalSDK({ siteUrl: settings.host });
  }

  /**
   * The value of one secret. Without `path`: from the folder of the settings, through the cache. With `path`: straight
   * from the server.
   * @throws SecretsError one of its classes in errors.ts
   */
  async get(name: string, where: { readonly path?: string } = {}): Promise<string> {
    if (name === "") throw new SettingsError("Cannot read a secret without a name.");
    const act = `read secret '${name}'`;
    if (where.path !== undefined) return await this.#readOne(name, where.path, act);
    const known = (await this.#current()).values.get(name);
    if (known !== undefined) return known;
    // It may be younger than the snapshot; and if it is not there, the server knows whether that is a 403 or a 404.
    const value = await this.#readOne(name, this.settings.path, act);
    await this.refresh();
    return value;
  }

  /** Every secret of the folder, imported ones included. Errors as for `get`. */
  async listAll(): Promise<ReadonlyMap<string, string>> {
    return (await this.#current()).values;
  }

  /** Reads the folder now, whatever the age of the cache. With the server away the last good values stay. */
  async refresh(): Promise<void> {
    await this.#readShared();
  }

  /** Age and state of the cached values; asks nobody. */
  freshness(): Freshness {
    const age = this.#snapshot && this.#options.now() - this.#snapshot.readAt;
    return {
      age,
      stale: this.#failure !== undefined && age !== undefined && age > this.#options.maxAge,
      reason: this.#failure?.error.message ?? "",
    };
  }

  /**
   * Keeps token and values fresh in the background, so that no `get` waits for the network. For long-running workers;
   * logs in again when two thirds of the token's life are over. Does not keep the process alive. `close` ends it.
   */
  startRenewal(): void {
    if (this.#renewing) return;
    this.#renewing = true;
    this.#schedule(this.#untilNextAct());
  }

  /** Ends the background renewal and waits for a read that is under way. May be called more than once. */
  async close(): Promise<void> {
    this.#renewing = false;
    clearTimeout(this.#timer);
    await this.#reading?.catch(() => undefined);
  }

  async #current(): Promise<Snapshot> {
    const { now, maxAge, retryEvery } = this.#options;
    if (this.#snapshot && now() - this.#snapshot.readAt <= maxAge) return this.#snapshot;
    if (this.#failure && (this.#renewing || this.#reading || now() - this.#failure.at < retryEvery)) {
      // Known to be away: the background renewal, or the first read after `retryEvery`, tries it again.
      return this.#lastGood(this.#failure.error);
    }
    return await this.#readShared();
  }

  /** One read at a time: whoever comes while one is under way gets its result. */
  async #readShared(): Promise<Snapshot> {
    this.#reading ??= this.#readOrKeep().finally(() => {
      this.#reading = undefined;
    });
    return await this.#reading;
  }

  async #readOrKeep(): Promise<Snapshot> {
    const { now, warn, maxStale } = this.#options;
    try {
      const values = await this.#list();
      if (this.#failure) warn(`${this.settings.host} answers again; values are fresh.`);
      this.#failure = undefined;
      this.#snapshot = { values, readAt: now() };
      return this.#snapshot;
    } catch (error) {
      if (!(error instanceof ServerAwayError)) throw error;
      this.#failure = { error, at: now() };
      const kept = this.#lastGood(error);
      const age = seconds(now() - kept.readAt);
      warn(`${error.message} Serving the last good values, ${age} old (allowed: ${seconds(maxStale)}).`);
      return kept;
    }
  }

  #lastGood(failure: ServerAwayError): Snapshot {
    if (!this.#snapshot) throw failure;
    const age = this.#options.now() - this.#snapshot.readAt;
    if (age <= this.#options.maxStale) return this.#snapshot;
    throw new ServerAwayError(
      `${failure.message} The last good values are ${seconds(age)} old, older than the ` +
        `${seconds(this.#options.maxStale)} allowed.`,
    );
  }

  async #list(): Promise<ReadonlyMap<string, string>> {
    const { projectId, environment, path } = this.settings;
    const act = "read the secrets";
    const answer = await this.#authenticated(act, path, () =>
      this.#sdk.secrets().listSecrets({ projectId, environment, secretPath: path, includeImports: true }),
    );
    // The SDK hands over whatever came, a web page included.
    if (!Array.isArray(answer?.secrets)) throw this.#unlikeInfisical(act, "no list of secrets in it");
    const values = new Map<string, string>();
    // The server looks a name up in the folder first, then in its imports from the last one back: same order here.
    for (const imported of answer.imports ?? []) {
      for (const secret of imported.secrets) values.set(secret.secretKey, this.#visible(secret));
    }
    for (const secret of answer.secrets) values.set(secret.secretKey, this.#visible(secret));
    if (values.size === 0) await this.#checkEmptyIsAllowed(act);
    return values;
  }

  /** A forbidden folder lists as empty with status 200. Reading one name tells which of the two it is. */
  async #checkEmptyIsAllowed(act: string): Promise<void> {
    const { environment, path } = this.settings;
    try {
      await this.#readOne(PROBE, path, act);
    } catch (error) {
      if (!(error instanceof SecretNotFoundError)) throw error;
      this.#options.warn(`No secret in environment '${environment}', path '${path}'.`);
    }
  }

  async #readOne(name: string, path: string, act: string): Promise<string> {
    const { projectId, environment } = this.settings;
    const secret = await this.#authenticated(act, path, () =>
      this.#sdk
        .secrets()
        .getSecret({ secretName: name, projectId, environment, secretPath: path, includeImports: true }),
    );
    if (typeof secret?.secretValue !== "string") throw this.#unlikeInfisical(act, "no secret in it");
    return this.#visible(secret);
  }

  #unlikeInfisical(act: string, seen: string): SecretsError {
    return explain(new Error(seen), this.settings, act, this.settings.path);
  }

  /** Refuses the placeholder text that a server gives to an identity which may only see names. */
  #visible(secret: SdkSecret): string {
    if (secret.secretValueHidden === true) {
      throw new AccessDeniedError(
        `Cannot read the value of '${secret.secretKey}' in environment '${this.settings.environment}': the identity ` +
          "may see its name only. It needs the action readValue besides describeSecret.",
      );
    }
    return secret.secretValue;
  }

  /** Asks with a token that should be good, and once more with a new one if the server says it is not. */
  async #authenticated<T>(act: string, path: string, ask: () => Promise<T>): Promise<T> {
    await this.#serverAnswers(act);
    if (this.#tokenDue !== undefined && this.#options.now() >= this.#tokenDue) this.#login = undefined;
    const login = (this.#login ??= this.#logIn());
    await login;
    try {
      return await this.#bounded(act, path, ask);
    } catch (error) {
      if (!(error instanceof TokenRejectedError)) throw error;
      // Only the first of several rejected readers logs in; the others wait for that same login.
      if (this.#login === login) this.#login = this.#logIn();
      await this.#login;
      return await this.#bounded(act, path, ask);
    }
  }

  async #logIn(): Promise<void> {
    this.#tokenDue = undefined;
    try {
      const { clientId } = this.settings;
      const clientSecret = this.settings.clientSecret();
      await this.#bounded("log in", this.settings.path, () =>
        this.#sdk.auth().universalAuth.login({ clientId, clientSecret }),
      );
      const token = this.#sdk.auth().getAccessToken();
      if (!token) throw this.#unlikeInfisical("log in", "no access token in it");
      const life = secondsOfLife(token);
      this.#tokenDue = life === undefined ? undefined : this.#options.now() + (life * 1000 * 2) / 3;
    } catch (error) {
      this.#login = undefined;
      throw error;
    }
  }

  /**
   * Asks the status route first, with a limit of its own: the SDK itself would go on trying an absent server for about
   * 15 s and offers no way to stop it. Any answer but a 5xx will do.
   */
  async #serverAnswers(act: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      // Where the server hangs up at once, Node 20 ends in the middle of a fetch unless something else keeps it going.
      const going = setTimeout(() => {}, this.#options.timeout);
      try {
        const answer = await fetch(`${this.settings.host}/api/status`, {
          signal: AbortSignal.timeout(this.#options.timeout),
        });
        await answer.body?.cancel();
        if (answer.status >= 500) throw noAnswer(this.settings, act, `status ${answer.status}`);
        return;
      } catch (error) {
        if (error instanceof SecretsError) throw error;
        // A kept connection that the server closed meanwhile fails once; a time-out is not worth a second wait.
        if (isTimeout(error)) throw noAnswer(this.settings, act, `nothing within ${seconds(this.#options.timeout)}`);
        if (attempt === 2) throw noAnswer(this.settings, act, reasonOf(error));
      } finally {
        clearTimeout(going);
      }
    }
  }

  async #bounded<T>(act: string, path: string, ask: () => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      const { timeout } = this.#options;
      timer = setTimeout(() => reject(noAnswer(this.settings, act, `nothing within ${seconds(timeout)}`)), timeout);
    });
    try {
      return await Promise.race([ask(), limit]);
    } catch (error) {
      throw explain(error, this.settings, act, path);
    } finally {
      clearTimeout(timer);
    }
  }

  #schedule(delay: number): void {
    if (!this.#renewing) return;
    this.#timer = setTimeout(() => void this.#renew(), delay);
    this.#timer.unref();
  }

  async #renew(): Promise<void> {
    let delay: number | undefined;
    try {
      await this.#readShared();
    } catch (error) {
      this.#options.warn(`Background renewal: ${error instanceof Error ? error.message : String(error)}`);
      delay = this.#options.retryEvery;
    }
    this.#schedule(delay ?? this.#untilNextAct());
  }

  /** Values are read again a little before they are too old; the token is renewed when it is due. */
  #untilNextAct(): number {
    const { now, maxAge, retryEvery } = this.#options;
    if (this.#failure) return retryEvery;
    const readDue = this.#snapshot ? this.#snapshot.readAt + maxAge * 0.8 : now();
    return Math.max(50, Math.min(readDue, this.#tokenDue ?? Infinity) - now());
  }
}

/** A value for a log: its first four characters where that gives little away, and its length. */
export function mask(value: string): string {
  const length = [...value].length;
  const shown = length >= 16 ? [...value].slice(0, 4).join("") : "";
  return `${shown}…(${length} character${length === 1 ? "" : "s"})`;
}

/** Life of a token from its own claims, which the SDK does not give; undefined for a token without an end. */
function secondsOfLife(token: string): number | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    if (typeof claims !== "object" || claims === null || !("exp" in claims) || !("iat" in claims)) return undefined;
    return Math.max(0, Number(claims.exp) - Number(claims.iat));
  } catch {
    return undefined; // not a JWT: the lazy login still does its work
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return String(cause);
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message || cause.name;
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}
