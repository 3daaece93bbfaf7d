import { createClient } from "redis";
import type { Cache } from "./cache.js";

const PREFIX = "infisical-sandbox:";

/** Waits for Redis for as long as it takes: the real server neither exits nor listens while Redis is away. */
export async function openRedisCache(url: string): Promise<Cache> {
  const client = createClient({ url });
  client.on("error", (error: Error) => console.error(`Redis: ${error.message || error.name}`));
  await client.connect();
  return {
    description: "Redis",
    get: async (key) => (await client.get(PREFIX + key)) ?? undefined,
    async set(key, value, ttlMs) {
      if (ttlMs > 0) await client.set(PREFIX + key, value, { PX: ttlMs });
    },
    async increment(key, ttlMs) {
      const [count] = await client
        .multi()
        .incr(PREFIX + key)
        .pExpire(PREFIX + key, ttlMs, "NX")
        .exec();
      return Number(count);
    },
    delete: async (...keys) => (keys.length === 0 ? 0 : client.del(keys.map((key) => PREFIX + key))),
    ready: async () => void (await client.ping()),
    close: async () => client.destroy(),
  };
}
