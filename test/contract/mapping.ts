import { pairElements } from "./pairing.js";
import { isObject, wholeElements, type Json } from "./recording.js";

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const HANDLE = "<(?:jwt|hex64):\\d+>";
const WHOLE_ID = new RegExp(`^(?:${UUID}|${HANDLE})$`);
const ANY_ID = new RegExp(`${UUID}|${HANDLE}`, "g");

/**
 * What stands on the live server for each id, token, secret and generated slug of the recording.
 * Learned from answers, the first appearance wins; used to rewrite requests and to compare texts.
 */
export class Mapping {
  readonly #live = new Map<string, string>();
  readonly #given = new Set<string>();

  /** Slugs that a request chose are no generated ones: they must come back unchanged. */
  noteGiven(body: Json): void {
    if (body !== null && typeof body === "object" && !Array.isArray(body) && typeof body["slug"] === "string") {
      this.#given.add(body["slug"]);
    }
  }

  set(recorded: string, live: string): void {
    if (!this.#live.has(recorded)) this.#live.set(recorded, live);
  }

  get(recorded: string): string | undefined {
    return this.#live.get(recorded);
  }

  /** Walks a recorded answer and the live one side by side and learns every id that it meets. */
  learn(recorded: Json, live: Json, key = ""): void {
    if (typeof recorded === "string" && typeof live === "string") {
      if (WHOLE_ID.test(recorded) || this.#isGeneratedSlug(key, recorded, live)) this.set(recorded, live);
    } else if (Array.isArray(recorded) && Array.isArray(live)) {
      for (const [one, other] of pairElements(wholeElements(recorded), live, this)) this.learn(one, other);
    } else if (isObject(recorded) && isObject(live)) {
      for (const name of Object.keys(recorded)) {
        if (name in live) this.learn(recorded[name] ?? null, live[name] ?? null, name);
      }
    }
  }

  /** Learns cookie values by the name of the cookie. */
  learnCookies(recorded: string[], live: string[]): void {
    const values = new Map(live.map((line) => cookiePair(line)));
    for (const line of recorded) {
      const [name, value] = cookiePair(line);
      const other = values.get(name);
      if (value !== "" && other !== undefined && other !== "") this.set(value, other);
    }
  }

  /** The same text with every known id of the recording replaced. */
  toLiveText(text: string): string {
    return this.#live.get(text) ?? text.replace(ANY_ID, (id) => this.#live.get(id) ?? id);
  }

  /** The same value with every known id of the recording replaced, in keys' values only. */
  toLive(value: Json): Json {
    if (typeof value === "string") return this.toLiveText(value);
    if (Array.isArray(value)) return value.map((element) => this.toLive(element));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.toLive(inner)]));
  }

  #isGeneratedSlug(key: string, recorded: string, live: string): boolean {
    if (key !== "slug" || recorded === live || this.#given.has(recorded)) return false;
    const stem = (slug: string): string => slug.split("-")[0] ?? "";
    return stem(recorded) === stem(live);
  }
}

function cookiePair(line: string): [string, string] {
  const [pair = ""] = line.split(";");
  const at = pair.indexOf("=");
  return [pair.slice(0, at), pair.slice(at + 1)];
}
