import type { Actor } from "../auth/actor.js";
import { organizationOf } from "../auth/actors.js";
import { notFound } from "../http/api-error.js";
import { isUuid } from "../http/uuid.js";
import { z } from "../http/route.js";
import type { Grants } from "../permissions.js";
import type { Sandbox } from "../sandbox.js";
import { queryOne } from "../store/store.js";
import { projectBySlug } from "./projects.js";

/** The two versions of the secrets routes: paths, and the name of the project's field. */
export interface SecretsVersion {
  /** `GET` lists, `…/:secretName` is one. */
  readonly path: string;
  readonly batchPath: string;
  readonly project: "projectId" | "workspaceId";
  /** Also `workspaceSlug` names the project; imports are left out unless asked for by `include_imports`. */
  readonly isOld: boolean;
}

export const SECRETS_VERSIONS: readonly SecretsVersion[] = [
  { path: "/api/v4/secrets", batchPath: "/api/v4/secrets/batch", project: "projectId", isOld: false },
  { path: "/api/v3/secrets/raw", batchPath: "/api/v3/secrets/batch/raw", project: "workspaceId", isOld: true },
];

/** The fields that name the project: `projectId`, or one of `workspaceId` and `workspaceSlug`. */
export function projectNaming<Shape extends z.ZodRawShape>(
  version: SecretsVersion,
  shape: Shape,
): z.ZodType<z.objectOutputType<Shape & { project: z.ZodType<ProjectName> }, z.ZodTypeAny>, z.ZodTypeDef, unknown> {
  const fields = version.isOld
    ? { workspaceId: z.string().optional(), workspaceSlug: z.string().optional(), ...shape }
    : { projectId: z.string(), ...shape };
  const schema = z
    .object(fields as z.ZodRawShape)
    .superRefine((value, context) => {
      if (!version.isOld || value["workspaceId"] !== undefined || value["workspaceSlug"] !== undefined) return;
      const required = { expected: "string", received: "undefined", message: "Required" } as const;
      context.addIssue({ code: z.ZodIssueCode.invalid_type, path: ["workspaceId"], ...required });
    })
    .transform(({ projectId, workspaceId, workspaceSlug, ...rest }) => ({
      ...rest,
      project: { id: projectId ?? workspaceId, slug: workspaceSlug },
    }));
  return schema as unknown as z.ZodType<
    z.objectOutputType<Shape & { project: z.ZodType<ProjectName> }, z.ZodTypeAny>,
    z.ZodTypeDef,
    unknown
  >;
}

export interface ProjectName {
  readonly id?: string | undefined;
  readonly slug?: string | undefined;
}

/**
 * The project that a call about secrets names, and what the caller may do there.
 * @throws ApiError 404 in the words of these routes, 403 for who is no member.
 */
export async function enterProject(
  sandbox: Sandbox,
  actor: Actor,
  { id, slug }: ProjectName,
): Promise<{ projectId: string; grants: Grants }> {
  const projectId = id ?? (await projectBySlug(sandbox.store, organizationOf(actor), slug ?? "")).id;
  const known = isUuid(projectId)
    ? await queryOne(sandbox.store, "select 1 as found from projects where id = $1", [projectId])
    : undefined;
  if (known === undefined) {
    throw notFound(
      `Project with ID '${projectId}' not found during bot lookup. Are you sure you are using the correct project ID?`,
    );
  }
  return { projectId, grants: await sandbox.permissions.inProject(actor, projectId) };
}
