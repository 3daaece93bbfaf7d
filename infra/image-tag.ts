/** Whether a version comes before another one; `v0.159.22` and `0.159.22` are the same. */
export function isBefore(version: string, other: string): boolean {
  const [left, right] = [numbersOf(version), numbersOf(other)];
  if (left === undefined || right === undefined) return false;
  for (const [index, number] of left.entries()) {
    if (number !== right[index]) return number < (right[index] ?? 0);
  }
  return false;
}

function numbersOf(version: string): number[] | undefined {
  return /^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number);
}

/** Major version of Postgres in an image's tag, such as 15 of `postgres:15-alpine`. */
export function postgresMajor(image: string): number | undefined {
  const tag = /:(\d+)[^/]*$/.exec(withoutDigest(image))?.[1];
  return tag === undefined ? undefined : Number(tag);
}

/** The tag of an image's name, without its digest; `latest` when it has none. */
export function tagOf(image: string): string {
  return /:([^:/]+)$/.exec(withoutDigest(image))?.[1] ?? "latest";
}

/** An image's name without tag and digest. */
export function repositoryOf(image: string): string {
  return withoutDigest(image).replace(/:[^:/]+$/, "");
}

/** The same image with another tag. */
export function withTag(image: string, tag: string): string {
  return `${repositoryOf(image)}:${tag}`;
}

function withoutDigest(image: string): string {
  return image.replace(/@sha256:.*$/, "");
}
