import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { StartRefused } from "../settings.js";
import { queryOne, type Store } from "./store.js";

/** Encryption at rest: AES-256-GCM under a data key, which is itself kept encrypted by the root key (ENCRYPTION_KEY). */
export interface Vault {
  encrypt(plain: string): string;
  /** @throws when the text was not made by this vault's data key. */
  decrypt(sealed: string): string;
}

const VERSION = "g1";

/**
 * Opens the vault of a store, making its data key at the first start.
 * @throws StartRefused (exit 1) "Unsupported state or unable to authenticate data" when the root key is not the one of the data.
 */
export async function openVault(store: Store, rootKey: Buffer): Promise<Vault> {
  const fresh = seal(rootKey, randomBytes(32));
  await store.query("insert into root_keys (id, sealed_key) values (1, $1) on conflict (id) do nothing", [fresh]);
  const row = await queryOne<{ sealed_key: string }>(store, "select sealed_key from root_keys where id = 1");
  const dataKey = unlock(rootKey, row?.sealed_key ?? "");
  return {
    encrypt: (plain) => seal(dataKey, Buffer.from(plain, "utf8")),
    decrypt: (sealed) => unseal(dataKey, sealed).toString("utf8"),
  };
}

function unlock(rootKey: Buffer, sealedKey: string): Buffer {
  try {
    return unseal(rootKey, sealedKey);
  } catch (error) {
    const seen = error instanceof Error ? error.message : String(error);
    throw new StartRefused(
      `KMS: Failed to decrypt ROOT Key: ${seen}. The data was written with another ENCRYPTION_KEY: start with that key.`,
      1,
    );
  }
}

function seal(key: Buffer, plain: Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return [VERSION, nonce.toString("base64"), cipher.getAuthTag().toString("base64"), body.toString("base64")].join(".");
}

function unseal(key: Buffer, sealed: string): Buffer {
  const [version, nonce, tag, body] = sealed.split(".");
  if (version !== VERSION || nonce === undefined || tag === undefined || body === undefined) {
    throw new Error("not a sealed value");
  }
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"), { authTagLength: 16 });
  decipher.setAuthTag(Buffer.from(tag, "base64"));
  return Buffer.concat([decipher.update(Buffer.from(body, "base64")), decipher.final()]);
}
