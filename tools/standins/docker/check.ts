import { isRecord, UNKNOWN, type Fields, type Property, type Value, type Values } from "./property.js";

/** One thing that is wrong with a program's inputs. `property` is its path. */
export interface Failure {
  property: string;
  reason: string;
}

/**
 * Says everything that is wrong with the inputs of a resource. The real provider knows more properties than this
 * stand-in; one that is not implemented here is refused, so that no difference can hide.
 */
export function checkInputs(values: Values, fields: Fields, path = ""): Failure[] {
  const failures: Failure[] = [];
  for (const [name, value] of Object.entries(values)) {
    const property = fields[name];
    const at = path === "" ? name : `${path}.${name}`;
    if (value === undefined || value === null || name === "__defaults") continue;
    if (!property) failures.push({ property: at, reason: notImplemented(at) });
    else failures.push(...checkValue(value, property, at));
  }
  for (const [name, property] of Object.entries(fields)) {
    const at = path === "" ? name : `${path}.${name}`;
    if (property.required && (values[name] === undefined || values[name] === null)) {
      failures.push({ property: at, reason: `Missing required argument. The argument "${at}" is required` });
    }
  }
  return failures;
}

function notImplemented(at: string): string {
  return (
    `the stand-in for the docker plugin does not implement "${at}", so it refuses it. ` +
    `Use the real plugin (pulumi plugin install resource docker 5.2.0), or add the property to tools/standins/docker.`
  );
}

function checkValue(value: Value, property: Property, at: string): Failure[] {
  if (value === UNKNOWN) return [];
  const wrong = wrongType(value, property);
  if (wrong) return [{ property: at, reason: `${at}: ${wrong}` }];
  const invalid = property.validate?.(value);
  if (invalid) return [{ property: at, reason: invalid }];
  if (property.fields && isRecord(value)) return checkInputs(value, property.fields, at);
  if (Array.isArray(value))
    return value.flatMap((each, index) => checkValue(each, elementOf(property), `${at}[${index}]`));
  if (property.kind === "map" && isRecord(value)) {
    return Object.entries(value).flatMap(([key, each]) => checkValue(each, { kind: "string" }, `${at}.${key}`));
  }
  return [];
}

function elementOf(property: Property): Property {
  return property.of ?? { kind: "string" };
}

function wrongType(value: Value, property: Property): string | undefined {
  const seen = Array.isArray(value) ? "a list" : value === null ? "null" : `a ${typeof value}`;
  switch (property.kind) {
    case "string":
      return typeof value === "string" ? undefined : `expected text, got ${seen}`;
    case "int":
      return typeof value === "number" && Number.isInteger(value) ? undefined : `expected a whole number, got ${seen}`;
    case "bool":
      return typeof value === "boolean" ? undefined : `expected true or false, got ${seen}`;
    case "list":
    case "set":
      return Array.isArray(value) ? undefined : `expected a list, got ${seen}`;
    case "map":
    case "object":
      return isRecord(value) ? undefined : `expected an object, got ${seen}`;
  }
}
