import { z } from "zod";
import { SECRET_SETTINGS, settingsSchema } from "../../infra/settings-schema";
import { defaultOf, formOf, row, words, type JsonSchema } from "./json-schema";

const GROUPS: [title: string, ...prefixes: string[]][] = [
  ["What is served, and what is provisioned", ""],
  ["Server", "server."],
  ["Administrator, and the identity of the program itself", "admin.", "automation."],
  ["Images", "image."],
  ["Memory", "memory."],
  ["A Postgres and a Redis of your own", "postgres.", "redis."],
  ["HTTPS", "tls."],
  ["Mail", "smtp."],
  ["An Infisical that exists already (target `external`)", "external."],
];

/** One table for each group of the stack's settings, from the schema that checks them. */
export function settingsReference(): string {
  const schema = z.toJSONSchema(settingsSchema, { io: "input", unrepresentable: "any" }) as JsonSchema;
  const all = Object.entries(schema.properties ?? {});
  const known = GROUPS.flatMap(([, ...prefixes]) => prefixes);
  const others = all.filter(([key]) => !known.includes(prefixOf(key)));
  const groups = GROUPS.map(([title, ...prefixes]): [string, Setting[]] => [
    title,
    all.filter(([key]) => prefixes.includes(prefixOf(key))),
  ]);
  return [...groups, ["More", others] as const]
    .filter(([, settings]) => settings.length > 0)
    .map(([title, settings]) => `### ${title}\n\n${tableOf(settings)}\n`)
    .join("\n");
}

type Setting = [key: string, schema: JsonSchema];

function prefixOf(key: string): string {
  return key.slice(0, key.indexOf(".") + 1);
}

function tableOf(settings: Setting[]): string {
  // A schema for JSON does not know defaults of values that are changed after they were read.
  const defaults: { [key: string]: unknown } = settingsSchema.parse({});
  const rows = settings.map(([key, schema]) => {
    const secret = SECRET_SETTINGS.includes(key) ? ", set with `--secret`" : "";
    const text = defaultOf({ default: defaults[key] });
    return row(`\`${key}\``, `${formOf(schema)}${secret}`, text, words(schema.description));
  });
  return [row("key", "value", "default", "what it does"), row("---", "---", "---", "---"), ...rows].join("\n");
}
