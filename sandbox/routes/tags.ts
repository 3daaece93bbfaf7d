import { badRequest } from "../http/api-error.js";
import { addRoute, ANYBODY, z } from "../http/route.js";
import { shortSlugField } from "../project/slug-field.js";
import { isUniqueViolation, queryRow } from "../store/store.js";
import type { RouteFile } from "./route-file.js";

interface TagWithMaker {
  readonly id: string;
  readonly project_id: string;
  readonly slug: string;
  readonly color: string | null;
  readonly actor_kind: string;
  readonly actor_id: string;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const inProject = z.object({ projectId: z.string() });

/** Tags of a project, to be hung on secrets. */
export const addTagRoutes: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v1/projects/:projectId/tags",
    access: ANYBODY,
    params: inProject,
    body: z.object({ slug: shortSlugField, color: z.string().trim() }),
    async handle({ actor, params: { projectId }, body }) {
      (await sandbox.permissions.inProject(actor, projectId)).require("create", "tags");
      const tag = await queryRow<TagWithMaker>(
        sandbox.store,
        "insert into tags (project_id, slug, color, actor_kind, actor_id) values ($1, $2, $3, $4, $5) returning *",
        [projectId, body.slug, body.color, actor.kind, actor.id],
      ).catch((error: unknown) => {
        throw isUniqueViolation(error) ? badRequest("Tag already exists") : error;
      });
      return { tag: presentTag(tag) };
    },
  });
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/projects/:projectId/tags",
    access: ANYBODY,
    params: inProject,
    async handle({ actor, params: { projectId } }) {
      (await sandbox.permissions.inProject(actor, projectId)).require("read", "tags");
      const tags = await sandbox.store.query<TagWithMaker>(
        "select * from tags where project_id = $1 order by created_at",
        [projectId],
      );
      return { tags: tags.map(presentTag) };
    },
  });
};

function presentTag(tag: TagWithMaker): Record<string, unknown> {
  return {
    id: tag.id,
    slug: tag.slug,
    color: tag.color,
    createdAt: tag.created_at,
    updatedAt: tag.updated_at,
    createdBy: tag.actor_id,
    projectId: tag.project_id,
    createdByActorType: tag.actor_kind,
  };
}
