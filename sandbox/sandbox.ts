import { createActors, type Actors } from "./auth/actors.js";
import { createTokens, type Tokens } from "./auth/tokens.js";
import { createPermissions, type Permissions } from "./permissions.js";
import type { Profile } from "./profile.js";
import type { Settings } from "./settings.js";
import { createMemoryCache, type Cache } from "./store/cache.js";
import { openPgliteStore } from "./store/pglite-store.js";
import { matchSecretIndex } from "./store/project-schema.js";
import { migrate } from "./store/schema.js";
import type { Store } from "./store/store.js";
import { openVault, type Vault } from "./store/vault.js";

/** Everything that routes work with. */
export interface Sandbox {
  readonly settings: Settings;
  readonly profile: Profile;
  readonly store: Store;
  readonly cache: Cache;
  readonly vault: Vault;
  readonly tokens: Tokens;
  readonly actors: Actors;
  readonly permissions: Permissions;
  close(): Promise<void>;
}

/**
 * Opens the store, brings its tables up to date and unlocks its data.
 * @throws StartRefused for what the real server refuses at boot.
 */
export async function openSandbox(settings: Settings): Promise<Sandbox> {
  const { profile } = settings;
  const store = await openStore(settings);
  try {
    await migrate(store);
    await matchSecretIndex(store, profile);
    const vault = await openVault(store, settings.rootKey);
    const cache = await openCache(settings.redisUrl);
    const tokens = createTokens(settings.authSecret);
    return {
      settings,
      profile,
      store,
      cache,
      vault,
      tokens,
      actors: createActors(store, tokens, profile),
      permissions: createPermissions(store, cache, settings.permissionDelayMs),
      async close() {
        await cache.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The drivers of real services are loaded when they are used: they would be a quarter of an embedded start. */
async function openStore({ storage, port }: Settings): Promise<Store> {
  if (storage.kind === "embedded") return openPgliteStore(storage.folder, port);
  const { openPostgresStore } = await import("./store/postgres-store.js");
  return openPostgresStore(storage.uri);
}

async function openCache(redisUrl: string | undefined): Promise<Cache> {
  if (redisUrl === undefined) return createMemoryCache();
  const { openRedisCache } = await import("./store/redis-cache.js");
  return openRedisCache(redisUrl);
}
