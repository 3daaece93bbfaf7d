import { objectsAt, optionalString, stringAt } from "./answer";
import type { Ask } from "./http";

/** A tag of a project, to be hung on secrets. */
export interface Tag {
  id: string;
  slug: string;
  /** Such as `#4a90d9`. */
  color: string;
}

export async function listTags(ask: Ask, projectId: string): Promise<Tag[]> {
  const answer = await ask({ method: "GET", path: tagsOf(projectId) });
  return objectsAt(answer, "tags").map((tag) => ({
    id: stringAt(tag, "id"),
    slug: stringAt(tag, "slug"),
    color: optionalString(tag, "color") ?? "",
  }));
}

/** Makes a tag. @throws status 400 when there is one of this slug. */
export async function createTag(ask: Ask, projectId: string, { slug, color }: Omit<Tag, "id">): Promise<Tag> {
  const answer = await ask({ method: "POST", path: tagsOf(projectId), body: { slug, color } });
  return { slug, color, id: stringAt(answer, "tag.id") };
}

function tagsOf(projectId: string): string {
  return `/api/v1/projects/${projectId}/tags`;
}
