import { z } from "zod";

/** Times are in seconds; 0 means "without limit" wherever it is allowed. */
const seconds = z.number().int().min(0);
const TEN_YEARS = 315_360_000;

const slug = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "use a-z, 0-9 and single hyphens")
  .max(36, "at most 36 characters");

const projectSlug = slug.min(5, "Infisical wants at least 5 characters in a project's slug");

const folderPath = z
  .string()
  .regex(
    /^\/$|^(\/[A-Za-z0-9_-]+)+$/,
    'write an absolute path, such as "/openai-rag"; Infisical takes a-z, A-Z, 0-9, _ and - in a name',
  );

const secretName = z
  .string()
  .min(1, "a name is needed")
  .regex(/^[^:/\s](?:[^:/]*[^:/\s])?$/, 'Infisical refuses ":" and "/" in a name, and trims white space around it');

const configName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "use letters, digits and _");

/** Where a value comes from. A bare text is a literal: it lies in this file in clear, so it is no secret. */
const secretSource = z.union(
  [
    z.string().transform((literal) => ({ literal })),
    z.strictObject({ literal: z.string() }).describe("A value that is no secret: it stands in this file in clear."),
    z
      .strictObject({ config: configName })
      .describe(
        "A secret of the stack's configuration: `pulumi config set --secret NAME`; a marked placeholder until it is set.",
      ),
  ],
  { error: "write a text in quotes, or { config: NAME }; numbers, dates and yes/no have to be quoted" },
);

const grant = z.strictObject({
  project: projectSlug.optional().describe("Slug of the project; may be left out when there is one project only."),
  environment: slug.describe("Slug of the environment."),
  path: folderPath.describe("The folder; its subfolders are not included."),
  actions: z
    .array(z.enum(["read"]))
    .min(1)
    .default(["read"]),
});

const identity = z.strictObject({
  token: z
    .strictObject({
      ttl: seconds.min(1).max(TEN_YEARS).default(7200).describe("Lifetime of an access token."),
      maxTtl: seconds.min(1).max(TEN_YEARS).default(7200).describe("How far renewals may stretch it; never below ttl."),
      uses: seconds.default(0).describe("How often a token may be used."),
    })
    .prefault({}),
  trustedIps: z
    .array(z.string())
    .min(1)
    .default(["0.0.0.0/0", "::/0"])
    .describe("CIDR blocks from which the identity may log in. Narrower ones need a licence."),
  grants: z.array(grant).default([]),
});

const project = z.strictObject({
  name: z.string().min(1).max(64),
  description: z.string().max(256).default(""),
  environments: z.record(slug, z.string().min(1)).describe("Slug and name of each environment, in their order."),
  folders: z
    .record(slug, z.array(folderPath))
    .default({})
    .describe("Folders by environment; those that hold secrets need not be listed."),
  secrets: z
    .record(slug, z.record(folderPath, z.record(secretName, secretSource)))
    .default({})
    .describe("Secrets by environment, folder and name."),
});

/** What to provision, as data. */
export const blueprintSchema = z.strictObject({
  projects: z
    .record(projectSlug, project)
    .describe("Projects by slug. The first is the one that the stack's outputs speak of."),
  identities: z.record(z.string().min(1).max(255), identity).default({}).describe("Machine identities by name."),
});

export type Blueprint = z.output<typeof blueprintSchema>;
export type ProjectPlan = Blueprint["projects"][string];
export type IdentityPlan = Blueprint["identities"][string];
export type GrantPlan = IdentityPlan["grants"][number];
export type SecretSource = z.output<typeof secretSource>;
