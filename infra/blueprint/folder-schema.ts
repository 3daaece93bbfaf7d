import { z } from "zod";
import type { KnownSource } from "./secret-schema";
import { configName, folderAddress, folderPath, variableName } from "./names";

/** Missing ones stop the run: a webhook that is signed with a placeholder would be worse than none. */
const webhookSecret = z
  .union([z.strictObject({ config: configName }), z.strictObject({ env: variableName })], {
    error: "write { config: NAME } or { env: NAME }",
  })
  .transform((source): KnownSource => ({ ...source, required: true, references: true }));

const webhook = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: "write an address such as https://hooks.example.com/infisical" })
    .describe("Public addresses only: Infisical refuses those of its own network."),
  secret: webhookSecret.optional().describe("Signs what is sent."),
  type: z.enum(["general", "slack", "microsoft-teams"]).default("general"),
  enabled: z.boolean().default(true),
});

const folder = z.strictObject({
  description: z.string().max(255).default(""),
  extraKeys: z
    .enum(["keep", "prune"])
    .optional()
    .describe("Keys on the server that the blueprint does not name. Default: what the project says."),
  imports: z
    .array(folderAddress)
    .default([])
    .describe('Folders whose secrets show here too, the last one wins: "/shared", "prod:/shared".'),
  webhooks: z.array(webhook).default([]).describe("Called when a secret of this folder changes."),
});

/** A list of paths, or paths with what is to be said about them. */
export const folderSectionSchema = z
  .union([z.array(folderPath), z.record(folderPath, folder.nullable())], {
    error: "write a list of paths, or paths with { description, extraKeys, imports, webhooks }",
  })
  .transform((section): { [path: string]: WrittenFolder } => {
    if (Array.isArray(section)) return Object.fromEntries(section.map((path) => [path, NOTHING_SAID]));
    return Object.fromEntries(Object.entries(section).map(([path, said]) => [path, said ?? NOTHING_SAID]));
  });

export type WrittenFolder = z.output<typeof folder>;
export type WebhookPlan = z.output<typeof webhook>;

export const NOTHING_SAID: WrittenFolder = { description: "", imports: [], webhooks: [] };
