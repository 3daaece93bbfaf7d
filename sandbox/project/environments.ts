import type { Actor } from "../auth/actor.js";
import { badRequest, notFound } from "../http/api-error.js";
import { isUuid } from "../http/uuid.js";
import type { Profile } from "../profile.js";
import { queryOne, queryRow, type Queryable } from "../store/store.js";

export interface EnvironmentRow {
  readonly id: string;
  readonly project_id: string;
  readonly name: string;
  readonly slug: string;
  readonly position: number;
  /** Deleted and still holding its slug. */
  readonly deleted_at: Date | null;
  readonly deleted_by_user_id: string | null;
  readonly deleted_by_identity_id: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** How long a deleted environment keeps its slug where the profile deletes softly. */
const KEPT_MS = 14 * 86_400_000;

/**
 * Makes an environment with its root folder. Run it in a transaction.
 * @throws ApiError 400 when the slug is taken, by a deleted one too.
 */
export async function createEnvironment(
  transaction: Queryable,
  projectId: string,
  wanted: { name: string; slug: string; position?: number | undefined },
): Promise<EnvironmentRow> {
  await refuseTakenSlug(transaction, projectId, wanted.slug, "CreateEnvironment");
  const environment = await queryRow<EnvironmentRow>(
    transaction,
    `insert into environments (project_id, name, slug, position) values ($1, $2, $3,
      (select coalesce(max(position), 0) + 1 from environments where project_id = $1)) returning *`,
    [projectId, wanted.name, wanted.slug],
  );
  await transaction.query("insert into folders (environment_id, name, path) values ($1, 'root', '/')", [
    environment.id,
  ]);
  if (wanted.position === undefined) return environment;
  await moveTo(transaction, environment, wanted.position);
  return { ...environment, position: wanted.position };
}

/** @throws ApiError 400 */
async function refuseTakenSlug(
  source: Queryable,
  projectId: string,
  slug: string,
  errorName: "CreateEnvironment" | "UpdateEnvironment",
): Promise<void> {
  const holder = await queryOne<EnvironmentRow>(
    source,
    "select * from environments where project_id = $1 and slug = $2",
    [projectId, slug],
  );
  if (holder === undefined) return;
  if (holder.deleted_at === null) throw badRequest("Environment with slug already exists", errorName);
  throw badRequest(
    `Environment slug '${slug}' is held by a pending-deletion environment. Permanently delete that environment first, then retry.`,
    errorName,
  );
}

/** The others make room; positions count from 1. */
async function moveTo(source: Queryable, environment: EnvironmentRow, position: number): Promise<void> {
  const others = "project_id = $1 and id <> $2";
  const at = [environment.project_id, environment.id];
  await source.query(`update environments set position = position - 1 where ${others} and position > $3`, [
    ...at,
    environment.position,
  ]);
  await source.query(`update environments set position = position + 1 where ${others} and position >= $3`, [
    ...at,
    position,
  ]);
  await source.query("update environments set position = $2 where id = $1", [environment.id, position]);
}

/**
 * Changes name, slug or position; `updatedAt` stays, as recorded. Run it in a transaction.
 * @throws ApiError 400 when the new slug is taken.
 */
export async function updateEnvironment(
  transaction: Queryable,
  environment: EnvironmentRow,
  change: { name?: string | undefined; slug?: string | undefined; position?: number | undefined },
): Promise<EnvironmentRow> {
  if (change.slug !== undefined && change.slug !== environment.slug) {
    await refuseTakenSlug(transaction, environment.project_id, change.slug, "UpdateEnvironment");
  }
  if (change.position !== undefined && change.position !== environment.position) {
    await moveTo(transaction, environment, change.position);
  }
  return queryRow<EnvironmentRow>(
    transaction,
    "update environments set name = coalesce($2, name), slug = coalesce($3, slug) where id = $1 returning *",
    [environment.id, change.name ?? null, change.slug ?? null],
  );
}

/** Deletes at once, or keeps row and slug for 14 days: the profile decides. */
export async function deleteEnvironment(
  transaction: Queryable,
  profile: Profile,
  environment: EnvironmentRow,
  actor: Actor,
): Promise<EnvironmentRow> {
  if (!profile.environmentsAreDeletedSoftly) {
    await transaction.query("delete from environments where id = $1", [environment.id]);
    return environment;
  }
  const column = actor.kind === "user" ? "deleted_by_user_id" : "deleted_by_identity_id";
  return queryRow<EnvironmentRow>(
    transaction,
    `update environments set deleted_at = now(), ${column} = $2,
      position = (select max(position) from environments where project_id = $3) where id = $1 returning *`,
    [environment.id, actor.id, environment.project_id],
  );
}

/** @throws ApiError 404 */
export async function environmentById(source: Queryable, projectId: string, id: string): Promise<EnvironmentRow> {
  const environment = await findEnvironment(source, projectId, id);
  if (environment === undefined) throw notFound(`Environment with ID '${id}' not found`);
  return environment;
}

/** A live environment of the project, or undefined. */
export async function findEnvironment(
  source: Queryable,
  projectId: string,
  id: string,
): Promise<EnvironmentRow | undefined> {
  if (!isUuid(id)) return undefined;
  return queryOne<EnvironmentRow>(
    source,
    "select * from environments where project_id = $1 and id = $2 and deleted_at is null",
    [projectId, id],
  );
}

/** @throws ApiError 404 */
export async function environmentBySlug(source: Queryable, projectId: string, slug: string): Promise<EnvironmentRow> {
  const environment = await queryOne<EnvironmentRow>(
    source,
    "select * from environments where project_id = $1 and slug = $2 and deleted_at is null",
    [projectId, slug],
  );
  if (environment === undefined) {
    throw notFound(`Environment with slug '${slug}' in project with ID '${projectId}' not found`);
  }
  return environment;
}

/** All environments of the projects, deleted ones included, in their order. */
export function environmentsOf(source: Queryable, projectIds: readonly string[]): Promise<EnvironmentRow[]> {
  return source.query<EnvironmentRow>(
    "select * from environments where project_id = any($1::uuid[]) order by position, created_at",
    [projectIds],
  );
}

/** An environment as answers have it; the marks of a soft delete only where the profile knows them. */
export function presentEnvironment(profile: Profile, environment: EnvironmentRow): Record<string, unknown> {
  const { id, name, slug, position, deleted_at: deletedAt } = environment;
  const times = { createdAt: environment.created_at, updatedAt: environment.updated_at };
  const own = { id, name, slug, position, projectId: environment.project_id, ...times };
  if (!profile.environmentsAreDeletedSoftly) return own;
  return {
    ...own,
    deleteAfter: endOfKeeping(deletedAt),
    softDeletedAt: deletedAt,
    deletedByUserId: environment.deleted_by_user_id,
    deletedByIdentityId: environment.deleted_by_identity_id,
  };
}

const endOfKeeping = (deletedAt: Date | null): Date | null =>
  deletedAt === null ? null : new Date(deletedAt.getTime() + KEPT_MS);

/** The deleted ones of a project's environments, with who deleted them. */
export async function deletedEnvironments(
  source: Queryable,
  environments: readonly EnvironmentRow[],
): Promise<unknown[]> {
  const deleted = environments.filter(({ deleted_at: deletedAt }) => deletedAt !== null);
  return Promise.all(
    deleted.map(async ({ id, name, slug, deleted_at: softDeletedAt, ...by }) => ({
      id,
      name,
      slug,
      deleteAfter: endOfKeeping(softDeletedAt),
      softDeletedAt,
      deletedBy: await deleterOf(source, by.deleted_by_user_id, by.deleted_by_identity_id),
    })),
  );
}

async function deleterOf(source: Queryable, userId: string | null, identityId: string | null): Promise<unknown> {
  const row =
    userId === null
      ? await queryOne<{ name: string }>(source, "select name from identities where id = $1", [identityId])
      : await queryOne<{ name: string }>(source, "select email as name from users where id = $1", [userId]);
  const type = userId === null ? "identity" : "user";
  return row === undefined ? null : { type, id: userId ?? identityId, name: row.name };
}
