import { createHmac, randomBytes } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { ServerAwayError } from "./infisical.mjs";

/**
 * @typedef {object} State
 * @property {ReadonlyMap<string, string> | undefined} values undefined: nothing may be served
 * @property {number | undefined} age milliseconds since the server last gave them
 * @property {boolean} stale the last read failed; the values are the last good ones
 * @property {string} version changes when a value changes
 * @property {string} reason why the last read failed; empty after a good one
 */

/**
 * The values of one folder, read again and again. While the server is away the last good ones stay for `maxStale`; a
 * refusal (revoked identity, lost grant) takes them away at once. They live in memory only.
 */
export class Values {
  // Keyed, so that a version says nothing about the values to somebody who sees only it.
  #versionKey = randomBytes(32);
  #changed = new EventEmitter().setMaxListeners(0);
  /** @type {{values: ReadonlyMap<string, string>, readAt: number, version: string} | undefined} */
  #good;
  #reason = "not read yet";
  /** @type {AbortController | undefined} */
  #loop;
  /** @type {Promise<void>} */
  #done = Promise.resolve();

  /**
   * @param {{read(): Promise<ReadonlyMap<string, string>>}} folder
   * @param {{refresh: number, maxStale: number, log: (line: string) => void, now?: () => number}} options
   */
  constructor(folder, { refresh, maxStale, log, now = () => performance.now() }) {
    this.folder = folder;
    this.options = { refresh, maxStale, log, now };
  }

  /** @returns {State} */
  state() {
    const age = this.#good && this.options.now() - this.#good.readAt;
    const usable = this.#good !== undefined && age !== undefined && age <= this.options.maxStale;
    return {
      values: usable ? this.#good?.values : undefined,
      age,
      stale: usable && this.#reason !== "",
      version: usable ? (this.#good?.version ?? "") : "",
      reason: this.#reason,
    };
  }

  /** Reads once. @throws {import("./infisical.mjs").RefusedError} after a refusal; a server that is away is no error. */
  async readOnce() {
    const { log, now } = this.options;
    try {
      const values = await this.folder.read();
      const version = this.#versionOf(values);
      const news = version !== this.#good?.version;
      if (this.#reason !== "" || news) log(`${values.size} secrets ${news ? "read" : "unchanged"}; values are fresh.`);
      this.#good = { values, readAt: now(), version };
      this.#reason = "";
      if (news) this.#changed.emit("change");
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== this.#reason) log(reason + this.#consequence(error));
      this.#reason = reason;
      if (error instanceof ServerAwayError) return;
      this.#good = undefined;
      this.#changed.emit("change");
      throw error;
    }
  }

  /** Starts reading every `refresh` milliseconds; `stop` ends it. */
  start() {
    this.#loop = new AbortController();
    this.#done = this.#run(this.#loop.signal);
  }

  /** Ends the reading; a read that is under way is waited for. */
  async stop() {
    this.#loop?.abort();
    await this.#done;
  }

  /**
   * Waits until the version is another one than `version`, for `wait` milliseconds at most.
   * @param {string} version
   * @param {number} wait
   */
  async changedFrom(version, wait) {
    const end = AbortSignal.timeout(wait);
    while (this.state().version === version && !end.aborted) {
      await once(this.#changed, "change", { signal: end }).catch(() => undefined);
    }
  }

  /** @param {AbortSignal} signal */
  async #run(signal) {
    while (!signal.aborted) {
      await pause(this.options.refresh, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
      if (!signal.aborted) await this.readOnce().catch(() => undefined); // logged, and told by state()
    }
  }

  /** @param {unknown} error */
  #consequence(error) {
    if (!(error instanceof ServerAwayError)) return " Nothing is served until this is put right.";
    if (!this.#good) return " Nothing to serve yet; trying again.";
    return ` Serving the last good values for ${Math.round(this.options.maxStale / 1000)} s at most.`;
  }

  /** @param {ReadonlyMap<string, string>} values */
  #versionOf(values) {
    const sorted = [...values].sort(([a], [b]) => (a < b ? -1 : 1));
    return createHmac("sha256", this.#versionKey).update(JSON.stringify(sorted)).digest("hex").slice(0, 16);
  }
}
