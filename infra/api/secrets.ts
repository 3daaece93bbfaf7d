import { objectsAt, optionalNumber, optionalString, stringAt } from "./answer";
import { isNotFound } from "./fault";
import type { Ask } from "./http";

/** A folder of an environment of a project. */
export interface SecretsPlace {
  projectId: string;
  environment: string;
  /** Absolute path of the folder, such as `/openai-rag`. */
  secretPath: string;
}

export interface Secret {
  key: string;
  value: string;
  comment: string;
  /** Counted from 1, one up with every write, also of the same value. */
  version: number;
}

/** What a batch writes. */
export interface SecretWrite {
  key: string;
  value: string;
  comment?: string;
}

/** Bounds of one batch request: the server refuses bodies over 1 MiB (with a 500), and takes 1,000 keys in about a second. */
const BATCH_KEYS = 500;
const BATCH_BYTES = 700_000;

/**
 * A value as the server keeps it: white space at both ends goes, then one newline stays if there was one at the end.
 * Compare with this, or a value with a space at its end differs for ever.
 */
export function asStored(value: string): string {
  const trimmed = value.trim();
  return value.endsWith("\n") ? `${trimmed}\n` : trimmed;
}

/** All secrets of one folder as they are written, `\${references}` not expanded; nothing when the folder is missing. */
export async function listSecrets(ask: Ask, place: SecretsPlace): Promise<Secret[] | undefined> {
  try {
    const query = { ...placeIn(place), viewSecretValue: true, expandSecretReferences: false, includeImports: false };
    const answer = await ask({ method: "GET", path: "/api/v4/secrets", query });
    return objectsAt(answer, "secrets").map((entry) => ({
      key: stringAt(entry, "secretKey"),
      value: optionalString(entry, "secretValue") ?? "",
      comment: optionalString(entry, "secretComment") ?? "",
      version: optionalNumber(entry, "version") ?? 1,
    }));
  } catch (thrown) {
    if (isNotFound(thrown)) return undefined;
    throw thrown;
  }
}

/** Writes secrets, new ones and others alike, in batches that are each all or nothing. Repeating it does no harm. */
export async function writeSecrets(ask: Ask, place: SecretsPlace, writes: SecretWrite[]): Promise<void> {
  for (const batch of batchesOf(writes)) {
    await ask({
      method: "PATCH",
      path: "/api/v4/secrets/batch",
      body: { ...placeIn(place), mode: "upsert", secrets: batch.map(bodyOf) },
    });
  }
}

/** Deletes secrets that are there, in batches. @throws status 404 when one of a batch is not there. */
export async function deleteSecrets(ask: Ask, place: SecretsPlace, keys: string[]): Promise<void> {
  for (let start = 0; start < keys.length; start += BATCH_KEYS) {
    const secrets = keys.slice(start, start + BATCH_KEYS).map((key) => ({ secretKey: key }));
    await ask({ method: "DELETE", path: "/api/v4/secrets/batch", body: { ...placeIn(place), secrets } });
  }
}

/** Cuts writes into batches within the bounds, in their order. */
export function batchesOf(writes: SecretWrite[]): SecretWrite[][] {
  const batches: SecretWrite[][] = [];
  let batch: SecretWrite[] = [];
  let bytes = 0;
  for (const write of writes) {
    const size = Buffer.byteLength(JSON.stringify(bodyOf(write)));
    if (batch.length === BATCH_KEYS || (batch.length > 0 && bytes + size > BATCH_BYTES)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(write);
    bytes += size;
  }
  return batch.length === 0 ? batches : [...batches, batch];
}

/** Only these three: whoever calls may hand over an object that holds more, secrets included. */
function placeIn({ projectId, environment, secretPath }: SecretsPlace): SecretsPlace & { [name: string]: string } {
  return { projectId, environment, secretPath };
}

function bodyOf(write: SecretWrite): { [name: string]: string } {
  return {
    secretKey: write.key,
    secretValue: write.value,
    ...(write.comment === undefined ? {} : { secretComment: write.comment }),
  };
}
