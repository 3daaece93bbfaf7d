import { z } from "zod";
import { folderSectionSchema, type WebhookPlan } from "./folder-schema";
import { identitySchema, type WrittenIdentity } from "./identity-schema";
import { environmentKey, folderPath, projectSlug, secretName, slug, tagSlug } from "./names";
import { secretSchema, type SecretPlan } from "./secret-schema";

const memberRole = z.enum(["admin", "member", "viewer", "no-access"]);

const project = z.strictObject({
  name: z.string().min(1).max(64),
  description: z.string().max(256).default(""),
  environments: z.record(slug, z.string().min(1)).describe("Slug and name of each environment, in their order."),
  members: z
    .record(z.email("write the e-mail address of a user of the instance").toLowerCase(), memberRole)
    .default({})
    .describe("People of the instance by e-mail address, and their role in the project."),
  tags: z
    .record(tagSlug, z.string().regex(/^#[0-9a-fA-F]{6}$/, 'write a colour such as "#4a90d9", in quotes'))
    .default({})
    .describe("Tags by slug, with their colour."),
  extraKeys: z
    .enum(["keep", "prune"])
    .default("keep")
    .describe("Keys on the server that the blueprint does not name: left alone, or deleted."),
  folders: z
    .record(environmentKey, folderSectionSchema)
    .default({})
    .describe("Folders by environment; those that hold secrets need not be listed."),
  secrets: z
    .record(environmentKey, z.record(folderPath, z.record(secretName, secretSchema)))
    .default({})
    .describe('Secrets by environment ("*" for all), folder and name.'),
});

/** A blueprint as it is written. {@link Blueprint} is what the program works with. */
export const blueprintSchema = z.strictObject({
  projects: z
    .record(projectSlug, project)
    .describe("Projects by slug. The first is the one that the stack's outputs speak of."),
  identities: z.record(z.string().min(1).max(255), identitySchema).default({}).describe("Machine identities by name."),
});

export type WrittenBlueprint = z.output<typeof blueprintSchema>;
export type WrittenProject = WrittenBlueprint["projects"][string];

/** What to provision, with everything that was left out or said for all environments put in its place. */
export interface Blueprint {
  projects: { [slug: string]: ProjectPlan };
  identities: { [name: string]: IdentityPlan };
}

export type ProjectPlan = Pick<WrittenProject, "name" | "description" | "environments" | "members" | "tags"> & {
  /** By environment and path; every folder that is listed or holds secrets. */
  folders: { [environment: string]: { [path: string]: FolderPlan } };
  /** By environment, path and key. */
  secrets: { [environment: string]: { [path: string]: { [key: string]: SecretPlan } } };
};

export interface FolderPlan {
  description: string;
  extraKeys: "keep" | "prune";
  imports: FolderAddress[];
  webhooks: WebhookPlan[];
}

export interface FolderAddress {
  environment: string;
  path: string;
}

export type IdentityPlan = Omit<WrittenIdentity, "grants" | "clientSecret"> & {
  clientSecret: { ttl: number; uses: number; grace: number; rotateAfter?: number };
  grants: GrantPlan[];
};

/** One environment each: a grant that names several is taken apart. */
export interface GrantPlan {
  project: string;
  environment: string;
  /** The folder; with a star pattern at its end (see {@link folderOfGrant}) everything below it, too. */
  path: string;
  actions: ("read" | "write")[];
  /** ISO time at which it ends. */
  until?: string;
  /** Why the whole environment is meant. */
  acknowledge?: string;
}

/** The folder that a grant is for: its path without the `**` at its end. */
export function folderOfGrant({ path }: { path: string }): string {
  return path.endsWith("/**") ? path.slice(0, -"/**".length) || "/" : path;
}

/** Whether a grant takes in a folder, be it by name or as something below. */
export function coversFolder(grant: { path: string }, path: string): boolean {
  const folder = folderOfGrant(grant);
  if (path === folder) return true;
  return grant.path.endsWith("/**") && path.startsWith(folder === "/" ? "/" : `${folder}/`);
}

export type { SecretPlan, SecretSource, KnownSource, GeneratedPlan } from "./secret-schema";
export type { WebhookPlan } from "./folder-schema";
