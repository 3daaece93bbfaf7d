/** A folder's path in the form that is stored: one leading slash, none at the end, none doubled. */
export function normalPath(path: string): string {
  return `/${pathParts(path).join("/")}`;
}

/** The names of the folders on the way to a path; empty for the root. */
export function pathParts(path: string): string[] {
  return path.split("/").filter((part) => part !== "");
}

export function joinPath(parent: string, name: string): string {
  return parent === "/" ? `/${name}` : `${parent}/${name}`;
}
