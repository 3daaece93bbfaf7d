import type { Mapping } from "./mapping.js";
import { pairElements } from "./pairing.js";
import { isObject, wholeElements, type Json } from "./recording.js";

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;
const CUT_TEXT = /… cut, \d+ characters$/;

/**
 * Keys whose values depend on chance or on calls outside of the recording. The counts count things that it does not
 * show; `clientSecretNumUses` is written about ten seconds late on the recorded server.
 */
const UNSTABLE = new Set(
  "reqId clientSecretPrefix clientSecretNumUses totalCount count total commitId position".split(" "),
);

/**
 * Where two answers of the same shape say different things, times and everything generated left out. Elements that
 * only one list has are left out too: what is missing altogether shows in the shape.
 */
export function valueDifferences(recorded: Json, live: Json, mapping: Mapping, at = ""): string[] {
  const key = at.split(".").at(-1) ?? "";
  if (UNSTABLE.has(key)) return [];
  if (Array.isArray(recorded) && Array.isArray(live)) {
    const pairs = pairElements(wholeElements(recorded), live, mapping);
    return pairs.flatMap(([one, other]) => valueDifferences(one, other, mapping, `${at}[]`));
  }
  if (isObject(recorded) && isObject(live)) {
    const shared = Object.keys(recorded).filter((name) => name in live);
    return shared.flatMap((name) =>
      valueDifferences(recorded[name] ?? null, live[name] ?? null, mapping, at === "" ? name : `${at}.${name}`),
    );
  }
  return sameScalar(recorded, live, mapping) ? [] : [`${at}: ${brief(live)} instead of ${brief(recorded)}`];
}

function sameScalar(recorded: Json, live: Json, mapping: Mapping): boolean {
  if (typeof recorded !== "string" || typeof live !== "string") return recorded === live;
  if (TIME.test(recorded)) return TIME.test(live);
  if (recorded.startsWith("<jwt:")) return /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(live);
  if (CUT_TEXT.test(recorded)) return live.length === Number(/(\d+) characters$/.exec(recorded)?.[1]);
  return mapping.toLiveText(recorded) === live;
}

function brief(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
