/** The part of a JSON schema that the reference pages tell. */
export interface JsonSchema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  items?: JsonSchema;
  properties?: { [name: string]: JsonSchema };
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  anyOf?: JsonSchema[];
}

/** What may be written there, in a few words. */
export function formOf(schema: JsonSchema): string {
  const forms = new Set(branchesOf(schema).map(simpleForm));
  return [...forms].join(" or ");
}

/** The alternatives of a schema; of a plain one itself. */
export function branchesOf(schema: JsonSchema): JsonSchema[] {
  return (schema.anyOf ?? [schema]).filter(({ type }) => type !== "null");
}

function simpleForm({
  enum: choices,
  const: only,
  type,
  format,
  pattern,
  minimum,
  maximum,
  items,
  ...rest
}: JsonSchema) {
  if (choices !== undefined) return choices.map((choice) => `\`${String(choice)}\``).join(", ");
  if (only !== undefined) return `\`${String(only)}\``;
  if (type === "integer" || pattern === String.raw`^\d+$`) return numberForm(minimum, maximum);
  if (type === "boolean") return "`true`, `false`";
  if (type === "array") return `list of ${items === undefined ? "anything" : formOf(items)}`;
  if (type === "object") return objectForm(rest.additionalProperties);
  return (
    { uri: "address", email: "e-mail address", "date-time": "time", ipv4: "IP address", ipv6: "IP address" }[
      format ?? ""
    ] ?? "text"
  );
}

function objectForm(entries: JsonSchema["additionalProperties"]): string {
  if (typeof entries !== "object") return "see below";
  const form = formOf(entries);
  return form.includes("below") ? "names with more below" : `names, each with: ${form}`;
}

function numberForm(minimum: number | undefined, maximum: number | undefined): string {
  const known = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (minimum !== undefined && known) return `${minimum} to ${maximum}`;
  return minimum === undefined ? "whole number" : `whole number from ${minimum}`;
}

/** A row of a table in Markdown. */
export function row(...cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", String.raw`\|`).replaceAll("\n", " ")).join(" | ")} |`;
}

/** A description as Markdown: what would be markup in it is none, except for code. */
export function words(description = ""): string {
  const parts = description.split("`");
  return parts.map((part, index) => (index % 2 === 1 ? part : part.replaceAll(/[<*]/g, String.raw`\$&`))).join("`");
}

/** The default as one would write it; nothing when there is none. */
export function defaultOf({ default: value }: JsonSchema): string {
  if (value === undefined || value === "") return "";
  const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  return isEmpty ? "" : `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}
