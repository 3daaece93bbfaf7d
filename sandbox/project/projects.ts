import { randomInt } from "node:crypto";
import type { Actor } from "../auth/actor.js";
import { badRequest, notFound } from "../http/api-error.js";
import { isUuid } from "../http/uuid.js";
import { addProjectMember } from "../project-memberships.js";
import { isUniqueViolation, queryOne, queryRow, type Queryable, type Store } from "../store/store.js";
import { createEnvironment, type EnvironmentRow } from "./environments.js";

export interface ProjectRow {
  readonly id: string;
  readonly org_id: string;
  readonly name: string;
  readonly slug: string;
  readonly description: string | null;
  readonly type: string;
  readonly has_delete_protection: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export interface NewProject {
  readonly orgId: string;
  readonly name: string;
  /** Without: made from the name, with a random end. */
  readonly slug: string | undefined;
  readonly description: string | undefined;
  readonly type: string;
  readonly hasDeleteProtection: boolean;
  readonly withDefaultEnvironments: boolean;
}

const DEFAULT_ENVIRONMENTS = [
  { name: "Development", slug: "dev" },
  { name: "Staging", slug: "staging" },
  { name: "Production", slug: "prod" },
];

/**
 * Makes a project whose only member, as administrator, is its maker.
 * @throws ApiError 400 when the slug is taken in the organization.
 */
export async function createProject(store: Store, actor: Actor, wanted: NewProject): Promise<ProjectRow> {
  const slug = wanted.slug ?? generatedSlug(wanted.name);
  try {
    return await store.transaction(async (transaction) => {
      const project = await insertProject(transaction, { ...wanted, slug });
      await addProjectMember(transaction, project.id, { kind: actor.kind, id: actor.id }, [{ role: "admin" }]);
      for (const environment of wanted.withDefaultEnvironments ? DEFAULT_ENVIRONMENTS : []) {
        await createEnvironment(transaction, project.id, environment);
      }
      return project;
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw badRequest(
      `A project with the slug "${slug}" already exists in your organization. Please choose a different name or slug.`,
    );
  }
}

function insertProject(source: Queryable, wanted: NewProject): Promise<ProjectRow> {
  return queryRow<ProjectRow>(
    source,
    `insert into projects (org_id, name, slug, description, type, has_delete_protection)
      values ($1, $2, $3, $4, $5, $6) returning *`,
    [wanted.orgId, wanted.name, wanted.slug, wanted.description ?? null, wanted.type, wanted.hasDeleteProtection],
  );
}

/**
 * The automatic project that users find in every organization of newer servers.
 *
 * @param userId the organization's first user, who becomes its only member.
 */
export async function insertCertificateManager(transaction: Queryable, orgId: string, userId: string): Promise<void> {
  const project = await insertProject(transaction, {
    orgId,
    name: "Certificate Manager",
    slug: generatedSlug("cert-manager"),
    description: undefined,
    type: "cert-manager",
    hasDeleteProtection: false,
    withDefaultEnvironments: false,
  });
  await addProjectMember(transaction, project.id, { kind: "user", id: userId }, [{ role: "admin" }]);
}

/** @throws ApiError 404, also for what is no uuid. */
export async function projectById(source: Queryable, id: string): Promise<ProjectRow> {
  const project = isUuid(id)
    ? await queryOne<ProjectRow>(source, "select * from projects where id = $1", [id])
    : undefined;
  if (project === undefined) throw notFound(`Project with ID '${id}' not found`);
  return project;
}

/** @throws ApiError 404 */
export async function projectBySlug(source: Queryable, orgId: string, slug: string): Promise<ProjectRow> {
  const project = await queryOne<ProjectRow>(source, "select * from projects where org_id = $1 and slug = $2", [
    orgId,
    slug,
  ]);
  if (project === undefined) throw notFound(`Project with slug '${slug}' not found`);
  return project;
}

/** The project's own fields as every answer has them. What a free server does not use is fixed. */
export function presentProject(project: ProjectRow): Record<string, unknown> {
  return {
    id: project.id,
    name: project.name,
    description: project.description,
    type: project.type,
    defaultProduct: null,
    slug: project.slug,
    autoCapitalization: false,
    orgId: project.org_id,
    createdAt: project.created_at,
    updatedAt: project.updated_at,
    version: 3,
    upgradeStatus: null,
    pitVersionLimit: 10,
    kmsCertificateKeyId: null,
    auditLogsRetentionDays: null,
    hasDeleteProtection: project.has_delete_protection,
    secretSharing: true,
    showSnapshotsLegacy: false,
    secretDetectionIgnoreValues: null,
    enforceEncryptedSecretManagerSecretMetadata: null,
  };
}

/** The longer form with environments, of get, list and create. */
export function presentProjectInFull(
  project: ProjectRow,
  environments: readonly EnvironmentRow[],
): Record<string, unknown> {
  const live = environments.filter(({ deleted_at: deletedAt }) => deletedAt === null);
  return {
    ...presentProject(project),
    _id: project.id,
    environments: live.map(({ id, name, slug }) => ({ name, slug, id })),
  };
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

function generatedSlug(name: string): string {
  let end = "";
  for (let position = 0; position < 4; position++) end += ALPHABET[randomInt(ALPHABET.length)];
  const stem = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return stem === "" ? `project-${end}` : `${stem}-${end}`;
}
