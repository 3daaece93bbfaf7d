import { isRecord, UNKNOWN, type Fields, type Property, type Value, type Values } from "./property.js";

export type ChangeKind = "add" | "update" | "delete";

/** One changed property; the path is Pulumi's (`healthcheck.tests[1]`). */
export interface Change {
  path: string;
  kind: ChangeKind;
  replace: boolean;
}

/**
 * Compares what the state holds (outputs) with what the program asks for (inputs with defaults).
 *
 * `computedLists` are the lists that the provider fills in by reading the object. A create that failed half way never
 * read it, so they are missing from the state: the real provider takes that for a change, and that is why the next `up`
 * replaces a container whose wait failed, and why a `refresh` in between makes it look sound.
 */
export function diffValues(
  olds: Values,
  news: Values,
  fields: Fields,
  computedLists: Record<string, boolean>,
): Change[] {
  const changes: Change[] = [];
  for (const [name, property] of Object.entries(fields)) {
    changes.push(...diffProperty(olds[name], news[name], property, name, property.forceNew ?? false));
  }
  for (const [name, replace] of Object.entries(computedLists)) {
    const missing = olds[name] === undefined || olds[name] === null;
    if (missing && isEmpty(news[name])) changes.push({ path: name, kind: "add", replace });
  }
  return changes.sort((a, b) => a.path.localeCompare(b.path));
}

function diffProperty(old: Value, wanted: Value, property: Property, path: string, replace: boolean): Change[] {
  if (wanted === UNKNOWN) return [{ path, kind: isEmpty(old) ? "add" : "update", replace }];
  if (isEmpty(wanted)) {
    if (isEmpty(old)) return [];
    if (wanted === false || wanted === 0) return [{ path, kind: "update", replace }];
    return property.computed || property.emptyKeepsOld ? [] : [{ path, kind: "delete", replace }];
  }
  if (property.kind === "map" && isRecord(old) && isRecord(wanted))
    return diffRecord(old, wanted, property, path, replace);
  if (isEmpty(old)) return [{ path, kind: old === false || old === 0 ? "update" : "add", replace }];
  if (property.kind === "set" && Array.isArray(old) && Array.isArray(wanted)) {
    return diffSet(old, wanted, property, path, replace);
  }
  if (property.kind === "list" && Array.isArray(old) && Array.isArray(wanted)) {
    return diffList(old, wanted, property, path, replace);
  }
  if (isRecord(old) && isRecord(wanted)) return diffRecord(old, wanted, property, path, replace);
  return same(old, wanted) ? [] : [{ path, kind: "update", replace }];
}

function diffRecord(old: Values, wanted: Values, property: Property, path: string, replace: boolean): Change[] {
  const names = new Set([...Object.keys(old), ...Object.keys(wanted)]);
  return [...names].flatMap((name) => {
    const field = property.fields ? property.fields[name] : ({ kind: "string" } as const);
    return field ? diffProperty(old[name], wanted[name], field, memberPath(path, name), replace) : [];
  });
}

function diffList(old: Value[], wanted: Value[], property: Property, path: string, replace: boolean): Change[] {
  const element = property.of ?? { kind: "string" };
  const length = Math.max(old.length, wanted.length);
  return Array.from({ length }, (_, index) => `${path}[${index}]`).flatMap((at, index): Change[] => {
    if (index >= wanted.length) return [{ path: at, kind: "delete", replace }];
    if (index >= old.length) return [{ path: at, kind: "add", replace }];
    return diffProperty(old[index], wanted[index], element, at, replace);
  });
}

/** Order does not count in a set: only members that have no equal on the other side differ. */
function diffSet(old: Value[], wanted: Value[], property: Property, path: string, replace: boolean): Change[] {
  const canonical = (value: Value) => JSON.stringify(canonicalValue(value, property.of));
  const oldTexts = old.map(canonical);
  const newTexts = wanted.map(canonical);
  const gone = new Set(old.flatMap((_, index) => (newTexts.includes(oldTexts[index] ?? "") ? [] : [index])));
  const come = new Set(wanted.flatMap((_, index) => (oldTexts.includes(newTexts[index] ?? "") ? [] : [index])));
  return [...new Set([...gone, ...come])].map((index): Change => {
    const kind = gone.has(index) && come.has(index) ? "update" : come.has(index) ? "add" : "delete";
    return { path: `${path}[${index}]`, kind, replace };
  });
}

/** A value without what means nothing (empty members, the order of keys), for comparison. */
function canonicalValue(value: Value, property: Property | undefined): unknown {
  if (value === UNKNOWN) return { unknown: true };
  if (Array.isArray(value)) {
    const members = value.map((each) => canonicalValue(each, property?.of));
    return property?.kind === "set" ? members.map((each) => JSON.stringify(each)).sort() : members;
  }
  if (!isRecord(value)) return value;
  const names = Object.keys(value).filter((name) => name !== "__defaults" && !isEmpty(value[name]));
  return names.sort().map((name) => [name, canonicalValue(value[name], property?.fields?.[name])]);
}

/** Whether two values of one property mean the same. */
export function meansTheSame(a: Value, b: Value, property: Property): boolean {
  if (isEmpty(a) && isEmpty(b)) return true;
  return JSON.stringify(canonicalValue(a, property)) === JSON.stringify(canonicalValue(b, property));
}

function same(a: Value, b: Value): boolean {
  return JSON.stringify(canonicalValue(a, undefined)) === JSON.stringify(canonicalValue(b, undefined));
}

/** Unset, or a value that the real provider cannot tell from unset. */
export function isEmpty(value: Value): boolean {
  if (value === undefined || value === null || value === "" || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isRecord(value) && Object.keys(value).filter((name) => name !== "__defaults").length === 0;
}

function memberPath(path: string, name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
}
