import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** One request to a real server and what it answered. Ids and tokens are those of the recorded server. */
export interface Exchange {
  /** Number in its file: 1-617 and 701-791 for the server, from 1 for each SDK log. */
  n: number;
  name: string;
  request: { method: string; path: string; headers: Record<string, string>; body: Json };
  response: { status: number; body: Json; setCookie?: string[] };
  /** A long text or list was shortened in the file: "… cut, 1000000 characters", "… 14 more items cut". */
  cut?: boolean;
}

export type RecordingName = "exchanges" | "sdk-python" | "sdk-node";

/**
 * Reads one of the recordings beside this file. In the files every token stands as `<jwt:N>` and every client
 * secret as `<hex64:N>`: the replay only needs to know which of them are the same.
 */
export function readRecording(name: RecordingName): Exchange[] {
  const text = readFileSync(join(__dirname, "recordings", `${name}.jsonl`), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Exchange);
}

/** The route of an exchange with ids taken out, for reports: `GET /api/v1/projects/:id`. */
export function routeOf(exchange: Exchange): string {
  const path = exchange.request.path.split("?")[0] ?? "";
  const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
  return `${exchange.request.method} ${path.replace(uuid, ":id")}`;
}

export function isObject(value: Json): value is { [key: string]: Json } {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** Marks that the recorder put in place of what it cut away. */
const CUT_MARK = /^… \d+ more items cut$/;

/** The elements of a list without the recorder's cut mark. */
export function wholeElements(list: Json[]): Json[] {
  return list.filter((element) => !(typeof element === "string" && CUT_MARK.test(element)));
}
