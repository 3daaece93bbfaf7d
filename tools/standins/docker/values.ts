import { isRecord, type Value, type Values } from "./property.js";

// Readers of checked inputs: the check before has refused other types, so these only give TypeScript the type.

export function textOf(value: Value): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function numberOf(value: Value): number | undefined {
  return typeof value === "number" && value !== 0 ? value : undefined;
}

export function textsOf(value: Value): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];
}

export function recordsOf(value: Value): Values[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

export function textMapOf(value: Value): Record<string, string> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, String(each)]));
}

/** Labels from Pulumi's set of pairs to the engine's map. */
export function labelMap(value: Value): Record<string, string> {
  return Object.fromEntries(recordsOf(value).map((pair) => [String(pair.label), String(pair.value ?? "")]));
}

/** Labels from the engine's map to Pulumi's set of pairs. */
export function labelSet(map: Record<string, string> | null | undefined): Value[] {
  return Object.entries(map ?? {}).map(([label, value]) => ({ label, value }));
}
