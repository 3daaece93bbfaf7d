import { fault } from "./fault";

/** A JSON object as it came from the server: nothing in it is taken for granted. */
export type Json = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object at `path` (dotted). @throws a `shape` fault that names the path when it is not there. */
export function objectAt(answer: unknown, path: string): Json {
  const value = at(answer, path);
  if (!isObject(value)) throw unexpected(path, "object");
  return value;
}

/** The string at `path` (dotted). @throws a `shape` fault that names the path when it is not there. */
export function stringAt(answer: unknown, path: string): string {
  const value = at(answer, path);
  if (typeof value !== "string") throw unexpected(path, "text");
  return value;
}

/** The objects of the array at `path` (dotted). @throws a `shape` fault that names the path when it is not there. */
export function objectsAt(answer: unknown, path: string): Json[] {
  const value = at(answer, path);
  if (!Array.isArray(value)) throw unexpected(path, "list");
  return value.filter(isObject);
}

/** The string at `path`, or nothing. */
export function optionalString(answer: unknown, path: string): string | undefined {
  const value = at(answer, path);
  return typeof value === "string" ? value : undefined;
}

/** The number at `path`, or nothing. */
export function optionalNumber(answer: unknown, path: string): number | undefined {
  const value = at(answer, path);
  return typeof value === "number" ? value : undefined;
}

/** The value at a dotted path, or nothing. */
export function at(answer: unknown, path: string): unknown {
  let value: unknown = answer;
  for (const part of path === "" ? [] : path.split(".")) {
    if (!isObject(value)) return undefined;
    value = value[part];
  }
  return value;
}

function unexpected(path: string, wanted: string): Error {
  return fault(
    `Infisical answered in a form that this program does not know: no ${wanted} at "${path}". ` +
      `It is made for v0.159.22; check the version of the server.`,
    { kind: "shape" },
  );
}
