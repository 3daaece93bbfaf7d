import { isObject, wholeElements, type Json } from "./recording.js";

/** The types seen at one place of a JSON document; lists are the union of their elements. */
interface Shape {
  types: Set<string>;
  keys: Map<string, Shape>;
  element: Shape | undefined;
}

/**
 * Where two answers differ in JSON shape: keys that only one has, values of different type, a list that is empty on
 * one side only. Values are not looked at.
 *
 * @param partial the recorded side was cut: what it lacks is no difference.
 */
export function shapeDifferences(recorded: Json, live: Json, partial = false): string[] {
  return compare(shapeOf([recorded]), shapeOf([live]), "", partial);
}

function shapeOf(values: Json[]): Shape {
  const shape: Shape = { types: new Set(values.map(typeName)), keys: new Map(), element: undefined };
  const objects = values.filter(isObject);
  for (const key of new Set(objects.flatMap((object) => Object.keys(object)))) {
    const having = objects.filter((object) => key in object);
    const inner = shapeOf(having.map((object) => object[key] ?? null));
    if (having.length < objects.length) inner.types.add("absent");
    shape.keys.set(key, inner);
  }
  const elements = values.filter((value) => Array.isArray(value)).flatMap((list) => wholeElements(list));
  if (elements.length > 0) shape.element = shapeOf(elements);
  return shape;
}

function typeName(value: Json): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function compare(recorded: Shape, live: Shape, at: string, partial: boolean): string[] {
  const found: string[] = [];
  const here = at === "" ? "body" : at;
  if (!sameTypes(recorded.types, live.types, partial)) {
    found.push(`${here}: ${names(live.types)} instead of ${names(recorded.types)}`);
  }
  for (const key of new Set([...recorded.keys.keys(), ...live.keys.keys()])) {
    const one = recorded.keys.get(key);
    const other = live.keys.get(key);
    const place = at === "" ? key : `${at}.${key}`;
    if (one !== undefined && other !== undefined) found.push(...compare(one, other, place, partial));
    else if (one !== undefined) found.push(`${place}: missing`);
    else if (!partial) found.push(`${place}: not in the recording`);
  }
  if (recorded.element !== undefined && live.element !== undefined) {
    found.push(...compare(recorded.element, live.element, `${at}[]`, partial));
  } else if (recorded.element !== undefined && live.types.has("array")) {
    found.push(`${at}[]: empty list`);
  } else if (live.element !== undefined && recorded.types.has("array") && !partial) {
    found.push(`${at}[]: should be an empty list`);
  }
  return found;
}

function sameTypes(recorded: Set<string>, live: Set<string>, partial: boolean): boolean {
  const missing = [...recorded].some((type) => !live.has(type));
  return !missing && (partial || recorded.size === live.size);
}

const names = (types: Set<string>): string => [...types].sort().join("|");
