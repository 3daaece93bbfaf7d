import { joinPath } from "./secret-path.js";

/** Where a secret is. */
export interface SecretPlace {
  /** Slug. */
  environment: string;
  path: string;
  key: string;
}

/**
 * Gives the unexpanded value at a place, undefined when there is none.
 * @throws when the caller may not read it.
 */
export type ReferenceReader = (place: SecretPlace, referencedBy: SecretPlace) => Promise<string | undefined>;

/** A reference is a key of the same folder or `environment.folder.folder.key`; there is no way to escape one. */
const REFERENCE = /\$\{([a-zA-Z0-9\-_.]+)\}/g;
const MAX_DEPTH = 10;

export const hasReferences = (value: string): boolean => value.search(REFERENCE) !== -1;

/**
 * A value with its references, and theirs, replaced. What does not exist becomes nothing, in silence; a chain deeper than
 * ten (a circle, in practice) ends in nothing too.
 */
export async function expandReferences(
  value: string,
  place: SecretPlace,
  read: ReferenceReader,
  depth = 0,
): Promise<string> {
  let expanded = "";
  let end = 0;
  for (const match of value.matchAll(REFERENCE)) {
    expanded += value.slice(end, match.index);
    end = match.index + match[0].length;
    const target = targetOf(match[1] ?? "", place);
    const inner = depth < MAX_DEPTH ? await read(target, place) : undefined;
    if (inner !== undefined) expanded += await expandReferences(inner, target, read, depth + 1);
  }
  return expanded + value.slice(end);
}

/** A value as it must read after the secret at `target` got another key. */
export function withRenamedReference(value: string, place: SecretPlace, target: SecretPlace, newKey: string): string {
  return value.replace(REFERENCE, (whole, reference: string) => {
    if (!isSamePlace(targetOf(reference, place), target)) return whole;
    return `\${${reference.slice(0, reference.length - target.key.length)}${newKey}}`;
  });
}

function targetOf(reference: string, place: SecretPlace): SecretPlace {
  const parts = reference.split(".");
  const key = parts.at(-1) ?? "";
  if (parts.length === 1) return { ...place, key };
  const [environment = "", ...folders] = parts.slice(0, -1);
  return { environment, path: folders.reduce(joinPath, "/"), key };
}

function isSamePlace(one: SecretPlace, other: SecretPlace): boolean {
  return one.environment === other.environment && one.path === other.path && one.key === other.key;
}
