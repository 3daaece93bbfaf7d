import { z } from "zod";
import { configName, tagSlug, variableName } from "./names";

/** What a key's value is drawn from when it is generated. None has `$` and `{`, which would make a reference. */
export const CHARSETS = ["alphanumeric", "hex", "digits", "base64url", "symbols"] as const;

const generated = z.strictObject({
  length: z.number().int().min(8, "at least 8 characters").max(1_024, "at most 1024 characters").default(32),
  charset: z
    .enum(CHARSETS)
    .default("alphanumeric")
    .describe("`symbols` is letters, digits and !@#%^*-_=+.:? ; hex is in lower case."),
  generation: z.number().int().min(1).default(1).describe("Raise it to get a new value."),
});

/** Sources of a value; a key has one of them. */
const sources = {
  literal: z.string().optional().describe("A value that is no secret: it stands in this file in clear."),
  config: configName
    .optional()
    .describe("A secret of the stack's configuration: `pulumi config set --secret NAME`; a placeholder until then."),
  env: variableName.optional().describe("An environment variable of the command that brings the stack up."),
  file: z.string().min(1).optional().describe("A text file, from the project's folder; line ends at its end go."),
  generated: generated.optional().describe("Made once, at random, and kept in the stack's encrypted state."),
};

const details = {
  ownership: z
    .enum(["managed", "seed-once", "must-fill"])
    .default("managed")
    .describe(
      "managed: drift is put right. seed-once: written once, later edits by people stay. must-fill: no source; " +
        "a placeholder is written, and people put the value in.",
    ),
  key: z.string().min(1).optional().describe("With `file`: the entry of that YAML or JSON file which is the value."),
  required: z.boolean().default(false).describe("With `config`: stop while it is not set, instead of a placeholder."),
  references: z
    .boolean()
    .default(false)
    .describe("With `config`, `env` and `file`: the value may hold ${references}, which Infisical expands when read."),
  comment: z.string().max(2_000).optional(),
  tags: z.array(tagSlug).optional().describe("Tags of the project to hang on it."),
  metadata: z.record(z.string().min(1).max(255), z.string().max(1_020)).optional(),
};

const written = z.strictObject({ ...sources, ...details });
type Written = z.output<typeof written>;

export const SOURCES = Object.keys(sources) as (keyof typeof sources)[];

/** A secret in a blueprint: a bare text is a literal, which lies in the file in clear and so is no secret. */
export const secretSchema = z
  .union([z.string(), written], {
    error: `write a text in quotes, or a source (${SOURCES.join(", ")}); numbers and true/false have to be quoted`,
  })
  .transform((input, context): SecretPlan => {
    if (typeof input === "string") return { literal: input, ownership: "managed" };
    for (const message of sourceProblems(input)) context.addIssue({ code: "custom", message });
    return planOf(input);
  });

function sourceProblems(input: Written): string[] {
  const named = SOURCES.filter((name) => input[name] !== undefined);
  const problems: string[] = [];
  if (input.ownership === "must-fill") {
    if (named.length > 0)
      problems.push(`must-fill has no source, since people fill it in; take out ${named.join(", ")}`);
  } else if (named.length === 0) {
    problems.push(`say where the value comes from: ${SOURCES.join(", ")}; or ownership: must-fill`);
  } else if (named.length > 1) {
    problems.push(`one source, not ${named.length} (${named.join(", ")})`);
  }
  if (input.key !== undefined && input.file === undefined) problems.push("`key` goes with `file`");
  if (input.required && input.config === undefined) problems.push("`required` goes with `config`");
  if (input.references && [input.config, input.env, input.file].every((source) => source === undefined)) {
    problems.push("`references` goes with config, env and file; a literal is checked by itself");
  }
  return problems;
}

function planOf(input: Written): SecretPlan {
  const { ownership, comment, tags, metadata } = input;
  return {
    ...sourceOf(input),
    ownership,
    ...(comment === undefined ? {} : { comment }),
    ...(tags === undefined ? {} : { tags }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function sourceOf(input: Written): SecretSource {
  const { literal, config, env, file, key, references, required } = input;
  if (literal !== undefined) return { literal };
  if (config !== undefined) return { config, required, references };
  if (env !== undefined) return { env, references };
  if (file !== undefined) return { file, references, ...(key === undefined ? {} : { key }) };
  if (input.generated !== undefined) return { generated: input.generated };
  return { mustFill: true };
}

export type GeneratedPlan = z.output<typeof generated>;

/** Where a value comes from. */
export type SecretSource =
  | { literal: string }
  | { config: string; required: boolean; references: boolean }
  | { env: string; references: boolean }
  | { file: string; key?: string; references: boolean }
  | { generated: GeneratedPlan }
  | { mustFill: true };

/** A source whose value is known before anything is created. */
export type KnownSource = Exclude<SecretSource, { generated: unknown }>;

export type SecretPlan = SecretSource & {
  ownership: Written["ownership"];
  comment?: string;
  tags?: string[];
  metadata?: { [key: string]: string };
};
