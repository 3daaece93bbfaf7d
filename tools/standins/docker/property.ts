/**
 * What the stand-in knows about an input property: enough to check it, to fill in its default and to tell what a
 * change of it does. The flags follow the schema of the real provider (@pulumi/docker 5.2.0).
 */
export interface Property {
  kind: "string" | "int" | "bool" | "map" | "list" | "set" | "object";
  /** Elements of a list or set (absent: strings). */
  of?: Property;
  /** Fields of an object. */
  fields?: Fields;
  required?: boolean;
  default?: Value;
  /** Filled in by the provider when the program leaves it out; leaving it out is then no change. */
  computed?: boolean;
  /** A change replaces the resource. Without it a change is an update, which may well do nothing. */
  forceNew?: boolean;
  /** An object that the real provider holds as a set of one. */
  set?: boolean;
  /** An empty new value keeps whatever the engine has. */
  emptyKeepsOld?: boolean;
  /** Returns what is wrong with a value. */
  validate?: (value: Value) => string | undefined;
}

export type Fields = Record<string, Property>;

/** A value that is not known before the update runs. */
export const UNKNOWN = Symbol("unknown");

export type Value = string | number | boolean | null | undefined | typeof UNKNOWN | Value[] | { [key: string]: Value };
export type Values = Record<string, Value>;

export const text = (more: Partial<Property> = {}): Property => ({ kind: "string", ...more });
export const int = (more: Partial<Property> = {}): Property => ({ kind: "int", ...more });
export const bool = (more: Partial<Property> = {}): Property => ({ kind: "bool", ...more });
export const map = (more: Partial<Property> = {}): Property => ({ kind: "map", ...more });
export const list = (more: Partial<Property> = {}): Property => ({ kind: "list", ...more });
export const set = (more: Partial<Property> = {}): Property => ({ kind: "set", ...more });
export const object = (fields: Fields, more: Partial<Property> = {}): Property => ({ kind: "object", fields, ...more });
/** Labels of every Docker object: a set of name and value. */
export const labels = (more: Partial<Property> = {}): Property =>
  set({ of: object({ label: text({ required: true }), value: text({ required: true }) }), forceNew: true, ...more });

/** A check of text against a pattern, in the words of the real provider. */
export function matches(pattern: RegExp): (value: Value) => string | undefined {
  return (value) =>
    typeof value === "string" && !pattern.test(value)
      ? `'${value}' doesn't match the pattern '${pattern.source}'`
      : undefined;
}

/** Narrows a value to an object with named values. */
export function isRecord(value: Value): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Fills in the defaults of an object's fields, at every depth, for what the program left out. */
export function withDefaults(values: Values, fields: Fields): Values {
  const filled: Values = {};
  for (const [name, value] of Object.entries(values)) {
    const property = fields[name];
    filled[name] = property ? elementDefaults(value, property) : value;
  }
  for (const [name, property] of Object.entries(fields)) {
    if (filled[name] === undefined && property.default !== undefined) filled[name] = property.default;
  }
  return filled;
}

function elementDefaults(value: Value, property: Property): Value {
  if (isRecord(value) && property.fields) return withDefaults(value, property.fields);
  if (Array.isArray(value) && property.of) {
    const element = property.of;
    return value.map((each) => elementDefaults(each, element));
  }
  return value;
}
