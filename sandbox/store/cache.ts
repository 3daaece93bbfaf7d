/** Markers and counters with an end: Redis when there is one (shared, survives a restart), else this process's memory. */
export interface Cache {
  readonly description: string;
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /** Adds one and answers the new count; the count ends `ttlMs` after its first addition. */
  increment(key: string, ttlMs: number): Promise<number>;
  /** How many of the keys were there. */
  delete(...keys: string[]): Promise<number>;
  /** Resolves when the cache answers. With Redis gone it waits, and so does every request, as on the real server. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export function createMemoryCache(now: () => number = Date.now): Cache {
  const entries = new Map<string, { value: string; end: number }>();
  const live = (key: string): { value: string; end: number } | undefined => {
    const entry = entries.get(key);
    if (entry === undefined || entry.end > now()) return entry;
    entries.delete(key);
    return undefined;
  };
  const put = (key: string, value: string, end: number): void => {
    if (entries.size >= SWEEP_AT) for (const old of entries.keys()) live(old);
    entries.set(key, { value, end });
  };
  return {
    description: "memory",
    get: (key) => Promise.resolve(live(key)?.value),
    set(key, value, ttlMs) {
      put(key, value, now() + ttlMs);
      return Promise.resolve();
    },
    increment(key, ttlMs) {
      const entry = live(key);
      const count = Number(entry?.value ?? 0) + 1;
      put(key, String(count), entry?.end ?? now() + ttlMs);
      return Promise.resolve(count);
    },
    delete: (...keys) => Promise.resolve(keys.filter((key) => live(key) !== undefined && entries.delete(key)).length),
    ready: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

/** Entries at which a write first throws out what has ended. */
const SWEEP_AT = 10_000;
