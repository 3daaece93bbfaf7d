/** Tags that are another image tomorrow. */
const MOVING_TAGS = ["latest", "stable", "edge", "main", "master", "nightly"];

/** @returns why an image is not pinned; nothing when it is. */
export function movingImage(image: string): string | undefined {
  if (isDigest(image)) return undefined;
  const tag = tagOf(image);
  if (tag !== undefined && !MOVING_TAGS.includes(tag)) return undefined;
  const seen = tag === undefined ? "has no tag" : `has the tag "${tag}"`;
  return `image ${image} ${seen}, so it is another one tomorrow. Name a version, such as NAME:v1.2.3, or a digest.`;
}

/** @returns that an image could change under its tag; nothing when its digest is named. */
export function imageWithoutDigest(image: string): string | undefined {
  if (isDigest(image)) return undefined;
  return `image ${image} can change under its tag. Pin its digest for a stack that matters: NAME:TAG@sha256:...`;
}

function isDigest(image: string): boolean {
  return /(^|@)sha256:[0-9a-f]{64}$/.test(image);
}

/** A colon before the last slash belongs to the registry's port. */
function tagOf(image: string): string | undefined {
  return /:([\w][\w.-]*)$/.exec(image.slice(image.lastIndexOf("/") + 1))?.[1];
}
