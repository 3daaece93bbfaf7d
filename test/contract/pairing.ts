import { isObject, type Json } from "./recording.js";

const NAMING_KEYS = ["secretKey", "email", "key", "name", "slug", "subject", "path", "commitId"];
const PLACE_KEYS = ["environment", "secretPath", "relativePath", "projectId", "action", "role"];

/** What pairing needs to know of the ids learned so far. */
export interface KnownIds {
  get(recorded: string): string | undefined;
  toLive(value: Json): Json;
}

/**
 * Pairs the elements of a recorded list with those of the live list. The server promises no order, so first by ids
 * that are known already, then by what names the element, and only lists without either by position.
 */
export function pairElements(recorded: Json[], live: Json[], ids: KnownIds): [Json, Json][] {
  if (!recorded.every(isObject) || !live.every(isObject)) {
    return recorded.slice(0, live.length).map((element, index) => [element, live[index] ?? null]);
  }
  const rest = new Set(live);
  const pairs: [Json, Json][] = [];
  const take = (one: Json, matches: (other: Json) => boolean): boolean => {
    const found = [...rest].find(matches);
    if (found === undefined) return false;
    rest.delete(found);
    pairs.push([one, found]);
    return true;
  };
  const open = recorded.filter((one) => {
    const known = typeof one["id"] === "string" ? ids.get(one["id"]) : undefined;
    return known === undefined || !take(one, (other) => isObject(other) && other["id"] === known);
  });
  for (const one of open) take(one, (other) => naturalKey(ids.toLive(one)) === naturalKey(other));
  return pairs;
}

/** What names an element of a list for a human: its key, e-mail, name or slug, and the place it is in. */
export function naturalKey(element: Json): string {
  if (!isObject(element)) return JSON.stringify(element);
  const inner = ["user", "identity"].map((key) => element[key] ?? null).filter(isObject);
  const own = [...NAMING_KEYS, ...PLACE_KEYS].map((key) => JSON.stringify(element[key] ?? null));
  return [...own, ...inner.map((value) => naturalKey(value))].join("|");
}
