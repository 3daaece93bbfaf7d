import { messageOf } from "../api/fault";
import type { BlueprintFile } from "./load";
import type { Problem } from "./problem";
import type { Blueprint, KnownSource, SecretSource } from "./schema";
import { isUnset, valueOf, type Surroundings } from "./sources";

/** The values of everything in a blueprint that is not generated. */
export interface Values {
  /** Secret, whatever its source: treat it so. */
  of: (source: KnownSource) => string;
  /** Names of configuration secrets that are wanted and not set; placeholders stand for them. */
  unset: string[];
}

interface Use {
  source: SecretSource;
  path: Problem["path"];
}

/** Names of the configuration secrets that a blueprint draws on. */
export function configNamesOf(plan: Blueprint): string[] {
  return [...new Set(usesIn(plan).flatMap(({ source }) => ("config" in source ? [source.config] : [])))];
}

/**
 * Takes every value from where it comes from, before anything is created.
 * @throws an error that names every one that is missing or not right, with its place in the file.
 */
export function resolveValues({ plan, where }: BlueprintFile, around: Surroundings): Values {
  const values = new Map<KnownSource, string>();
  const problems = new Set<string>();
  const unset = new Set<string>();
  for (const { source, path } of usesIn(plan)) {
    if ("generated" in source || values.has(source)) continue;
    try {
      values.set(source, valueOf(source, around));
      if ("config" in source && isUnset(source, around)) unset.add(source.config);
    } catch (thrown) {
      problems.add(`${where(path)}: ${path.join(".")}: ${messageOf(thrown)}`);
    }
  }
  if (problems.size > 0) throw new Error([...problems].join("\n"));
  return { of: (source) => values.get(source) ?? "", unset: [...unset] };
}

function usesIn(plan: Blueprint): Use[] {
  return Object.entries(plan.projects).flatMap(([slug, { secrets, folders }]) => [
    ...Object.entries(secrets).flatMap(([environment, inIt]) =>
      Object.entries(inIt).flatMap(([path, keys]) =>
        Object.entries(keys).map(([key, source]) => ({
          source,
          path: ["projects", slug, "secrets", environment, path, key],
        })),
      ),
    ),
    ...Object.entries(folders).flatMap(([environment, inIt]) =>
      Object.entries(inIt).flatMap(([path, { webhooks }]) =>
        webhooks.flatMap(({ secret }, index) =>
          secret === undefined
            ? []
            : [{ source: secret, path: ["projects", slug, "folders", environment, path, "webhooks", index, "secret"] }],
        ),
      ),
    ),
  ]);
}
