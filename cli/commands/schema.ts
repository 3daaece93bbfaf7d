import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { blueprintSchema } from "../../infra/blueprint/schema";
import { ROOT } from "../core/places";
import { Stopwatch, summarize } from "../core/summary";

export const SCHEMA_FILE = join(ROOT, "blueprints", "schema.json");

/** Writes the JSON schema of blueprints, by which editors complete and check them. */
export async function schema(): Promise<void> {
  const watch = new Stopwatch();
  const text = await blueprintJsonSchema();
  writeFileSync(SCHEMA_FILE, text);
  summarize("schema", { file: "blueprints/schema.json", bytes: Buffer.byteLength(text), seconds: watch.seconds });
}

/** What an editor needs to know of a blueprint: the form in which it is written. */
export async function blueprintJsonSchema(): Promise<string> {
  const generated = z.toJSONSchema(blueprintSchema, { io: "input" });
  const described = { title: "Blueprint: what a stack provisions in Infisical", ...generated };
  // In the project's own style, so that the check of the style has nothing to say about it.
  const { format, resolveConfig } = await import("prettier");
  return format(JSON.stringify(described), { ...(await resolveConfig(SCHEMA_FILE)), parser: "json" });
}
