import type { Assumptions } from "./load";
import type { Blueprint, GrantPlan, IdentityPlan } from "./schema";

/** Something wrong in a blueprint, and where. */
export interface Problem {
  path: (string | number)[];
  text: string;
}

const EVERYWHERE = ["0.0.0.0/0", "::/0"];

/** What a schema cannot say: names that have to fit each other, and what the server would refuse later. */
export function problemsOf(blueprint: Blueprint, assumptions: Assumptions): Problem[] {
  return [
    ...(Object.keys(blueprint.projects).length === 0
      ? [{ path: ["projects"], text: "name at least one project" }]
      : []),
    ...Object.keys(blueprint.projects).flatMap((slug) => projectProblems(blueprint, slug)),
    ...Object.entries(blueprint.identities).flatMap(([name, identity]) =>
      identityProblems(blueprint, name, identity, assumptions),
    ),
  ];
}

function projectProblems(blueprint: Blueprint, slug: string): Problem[] {
  const project = blueprint.projects[slug];
  if (project === undefined) return [];
  const unknown = (section: "folders" | "secrets"): Problem[] =>
    Object.keys(project[section])
      .filter((environment) => !(environment in project.environments))
      .map((environment) => ({
        path: ["projects", slug, section, environment],
        text: notAnEnvironment(blueprint, slug, environment),
      }));
  const none = Object.keys(project.environments).length === 0;
  return [
    ...(none ? [{ path: ["projects", slug, "environments"], text: "name at least one environment" }] : []),
    ...unknown("folders"),
    ...unknown("secrets"),
  ];
}

function identityProblems(
  blueprint: Blueprint,
  name: string,
  identity: IdentityPlan,
  assumptions: Assumptions,
): Problem[] {
  const at = ["identities", name];
  const problems = identity.grants.flatMap((grant, index) => grantProblems(blueprint, grant, [...at, "grants", index]));
  const { ttl, maxTtl } = identity.token;
  if (ttl > maxTtl) {
    problems.push({
      path: [...at, "token", "ttl"],
      text: `${ttl} s is above maxTtl (${maxTtl} s); raise maxTtl or lower ttl`,
    });
  }
  const narrow = identity.trustedIps.filter((address) => !EVERYWHERE.includes(address));
  if (narrow.length > 0 && !assumptions.licensed) {
    problems.push({
      path: [...at, "trustedIps"],
      text:
        `a free server refuses an IP allow-list (${narrow.join(", ")}). Leave ${EVERYWHERE.join(" and ")} and ` +
        "limit who reaches the port, or set infisical:server.licenseKey",
    });
  }
  return problems;
}

function grantProblems(blueprint: Blueprint, grant: GrantPlan, path: Problem["path"]): Problem[] {
  const slugs = Object.keys(blueprint.projects);
  if (grant.project === undefined && slugs.length > 1) {
    return [{ path, text: `say which project is meant: project: ${slugs.join(" | ")}` }];
  }
  const slug = grant.project ?? slugs[0] ?? "";
  if (!slugs.includes(slug)) {
    return [{ path: [...path, "project"], text: `there is no project "${slug}" here (${slugs.join(", ")})` }];
  }
  const known = grant.environment in (blueprint.projects[slug]?.environments ?? {});
  return known ? [] : [{ path: [...path, "environment"], text: notAnEnvironment(blueprint, slug, grant.environment) }];
}

function notAnEnvironment(blueprint: Blueprint, slug: string, environment: string): string {
  const known = Object.keys(blueprint.projects[slug]?.environments ?? {});
  return `"${environment}" is not an environment of ${slug} (${known.join(", ")}); define it there, or correct the name`;
}
