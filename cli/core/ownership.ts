import type { BlueprintFile } from "../../infra/blueprint/load";

/** A key of a project on the server. */
export interface Address {
  /** Slug of the project. */
  project: string;
  environment: string;
  path: string;
  key: string;
}

/**
 * Where the blueprint sets the value of a key again at the next `up`, such as `blueprints/my-rag.yaml:21`; nothing when
 * what stands on the server stays.
 */
export function managedAt(
  { plan, where }: BlueprintFile,
  { project, environment, path, key }: Address,
): string | undefined {
  const secret = plan.projects[project]?.secrets[environment]?.[path]?.[key];
  if (secret?.ownership !== "managed") return undefined;
  return where(["projects", project, "secrets", environment, path, key]);
}

/** The project that is meant: the one that was named, else the blueprint's first. */
export function projectMeant({ plan }: BlueprintFile, named: string | undefined): string {
  return named ?? Object.keys(plan.projects)[0] ?? "";
}
