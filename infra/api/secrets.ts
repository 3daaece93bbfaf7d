import { at, isObject, objectsAt, optionalNumber, optionalString, stringAt, type Json } from "./answer";
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
  id: string;
  key: string;
  value: string;
  comment: string;
  /** Slugs, in order. */
  tags: string[];
  metadata: { [key: string]: string };
  /** Counted from 1, one up with every write, also of the same value. */
  version: number;
  /** ISO time of the last write; empty when the server does not say. */
  updatedAt: string;
}

/** What a batch writes; what is left out stays as it is. A new secret needs a value. */
export interface SecretWrite {
  key: string;
  value?: string;
  comment?: string;
  tagIds?: string[];
  metadata?: { [key: string]: string };
}

/** One version in the history of a secret. */
export interface SecretVersion {
  version: number;
  value: string;
  /** ISO time of the write. */
  createdAt: string;
}

/** Bounds of one batch request: the server refuses bodies over 1 MiB (with a 500), and takes 1,000 keys in about a second. */
const BATCH_KEYS = 1_000;
const BATCH_BYTES = 700_000;

/** Bytes of the largest value that fits into a request, as JSON. */
export const LARGEST_VALUE = 1_000_000;

/** Bytes of a value as it is sent. */
export function sizeOf(value: string): number {
  return Buffer.byteLength(JSON.stringify(value)) - 2;
}

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
    return objectsAt(answer, "secrets").map(secretOf);
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

/** The value that a secret had as this version, by number; nothing when there is no such version. */
export async function secretValueAt(
  ask: Ask,
  place: SecretsPlace,
  key: string,
  version: number,
): Promise<string | undefined> {
  try {
    const query = { ...placeIn(place), version, expandSecretReferences: false, viewSecretValue: true };
    const answer = await ask({ method: "GET", path: `/api/v4/secrets/${encodeURIComponent(key)}`, query });
    return stringAt(answer, "secret.secretValue");
  } catch (thrown) {
    if (isNotFound(thrown)) return undefined;
    throw thrown;
  }
}

/** The history of a secret, newest first. For people only: a machine identity gets 403. */
export async function listVersions(ask: Ask, secretId: string): Promise<SecretVersion[]> {
  const PAGE = 100;
  const versions: SecretVersion[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const query = { offset, limit: PAGE };
    const answer = await ask({ method: "GET", path: `/api/v1/secret/${secretId}/secret-versions`, query });
    const page = objectsAt(answer, "secretVersions");
    versions.push(...page.map(versionOf));
    if (page.length < PAGE) return versions;
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

function bodyOf({ key, value, comment, tagIds, metadata }: SecretWrite): { [name: string]: unknown } {
  return {
    secretKey: key,
    ...(value === undefined ? {} : { secretValue: value }),
    ...(comment === undefined ? {} : { secretComment: comment }),
    ...(tagIds === undefined ? {} : { tagIds }),
    ...(metadata === undefined
      ? {}
      : { secretMetadata: Object.entries(metadata).map(([name, text]) => ({ key: name, value: text })) }),
  };
}

function secretOf(entry: Json): Secret {
  return {
    id: stringAt(entry, "id"),
    key: stringAt(entry, "secretKey"),
    value: optionalString(entry, "secretValue") ?? "",
    comment: optionalString(entry, "secretComment") ?? "",
    tags: listAt(entry, "tags")
      .map((tag) => optionalString(tag, "slug") ?? "")
      .sort(),
    metadata: Object.fromEntries(
      listAt(entry, "secretMetadata").map((item) => [stringAt(item, "key"), optionalString(item, "value") ?? ""]),
    ),
    version: optionalNumber(entry, "version") ?? 1,
    updatedAt: optionalString(entry, "updatedAt") ?? "",
  };
}

function listAt(entry: Json, name: string): Json[] {
  const list = at(entry, name);
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function versionOf(entry: Json): SecretVersion {
  return {
    version: optionalNumber(entry, "version") ?? 0,
    value: optionalString(entry, "secretValue") ?? "",
    createdAt: stringAt(entry, "createdAt"),
  };
}
