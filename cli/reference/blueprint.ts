import { z } from "zod";
import { blueprintSchema } from "../../infra/blueprint/schema";
import { branchesOf, defaultOf, formOf, row, words, type JsonSchema } from "./json-schema";

/** What stands for the names that a writer chooses, by the place where they are. */
const NAMES: { [place: string]: string } = {
  projects: "<slug>",
  identities: "<name>",
  environments: "<slug>",
  members: "<e-mail>",
  tags: "<slug>",
  folders: "<environment>",
  secrets: "<environment>",
  metadata: "<key>",
};
/** Below folders and secrets by environment: the folder, and in it the key. */
const DEEPER: { [place: string]: string } = { "<environment>": "<folder>", "<folder>": "<KEY>" };

/** One table for each place of a blueprint, from the schema that checks it. */
export function blueprintReference(): string {
  const schema = z.toJSONSchema(blueprintSchema, { io: "input", unrepresentable: "any" }) as JsonSchema;
  return sectionsOf("", schema).join("\n");
}

function sectionsOf(place: string, schema: JsonSchema): string[] {
  const fields = Object.entries(schema.properties ?? {});
  const own = fields.length === 0 ? [] : [`### ${titleOf(place)}\n\n${tableOf(fields, schema.required ?? [])}\n`];
  const inFields = fields.flatMap(([name, field]) => deeper(place === "" ? name : `${place}.${name}`, field));
  return [...own, ...inFields];
}

/** Alternatives, entries with chosen names, and what lists hold. */
function deeper(place: string, schema: JsonSchema): string[] {
  const branches = branchesOf(schema);
  const objects = branches.filter(({ properties }) => properties !== undefined);
  const properties: { [name: string]: JsonSchema } = Object.assign({}, ...objects.map((object) => object.properties));
  if (objects.length > 1) return sectionsOf(place, { properties });
  return branches.flatMap((branch) => {
    if (branch.items !== undefined) return deeper(`${place}[]`, branch.items);
    if (typeof branch.additionalProperties === "object")
      return deeper(`${place}.${nameBelow(place)}`, branch.additionalProperties);
    return sectionsOf(place, branch);
  });
}

function nameBelow(place: string): string {
  const last = place.split(".").at(-1) ?? "";
  return NAMES[last] ?? DEEPER[last] ?? "<name>";
}

function titleOf(place: string): string {
  return place === "" ? "The file" : `\`${place}\``;
}

function tableOf(fields: [name: string, schema: JsonSchema][], required: string[]): string {
  const rows = fields.map(([name, schema]) =>
    row(
      `\`${name}\`${required.includes(name) ? " (needed)" : ""}`,
      formOf(schema),
      defaultOf(schema),
      words(schema.description),
    ),
  );
  return [row("field", "value", "default", "what it does"), row("---", "---", "---", "---"), ...rows].join("\n");
}
