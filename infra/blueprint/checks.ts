import { LARGEST_VALUE, sizeOf } from "../api/secrets";
import type { WrittenGrant, WrittenIdentity } from "./identity-schema";
import type { Assumptions } from "./assumptions";
import { EVERY_ENVIRONMENT } from "./names";
import type { Problem } from "./problem";
import { coversFolder, folderOfGrant, type WrittenBlueprint, type WrittenProject } from "./schema";
import type { WebhookPlan } from "./folder-schema";

const EVERYWHERE = ["0.0.0.0/0", "::/0"];

/** What a schema cannot say: names that have to fit each other, and what the server would refuse later. */
export function problemsOf(blueprint: WrittenBlueprint, assumptions: Assumptions): Problem[] {
  return [
    ...(Object.keys(blueprint.projects).length === 0
      ? [{ path: ["projects"], text: "name at least one project" }]
      : []),
    ...Object.entries(blueprint.projects).flatMap(([slug, project]) => projectProblems(slug, project)),
    ...Object.entries(blueprint.identities).flatMap(([name, identity]) =>
      identityProblems(blueprint, name, identity, assumptions),
    ),
  ];
}

function projectProblems(slug: string, project: WrittenProject): Problem[] {
  const at = ["projects", slug];
  const unknown = (section: "folders" | "secrets"): Problem[] =>
    Object.keys(project[section])
      .filter((environment) => environment !== EVERY_ENVIRONMENT && !(environment in project.environments))
      .map((environment) => ({
        path: [...at, section, environment],
        text: notAnEnvironment(project, slug, environment),
      }));
  const none = Object.keys(project.environments).length === 0;
  return [
    ...(none ? [{ path: [...at, "environments"], text: "name at least one environment" }] : []),
    ...unknown("folders"),
    ...unknown("secrets"),
    ...secretProblems(project, at),
    ...webhookProblems(project, at),
  ];
}

function secretProblems(project: WrittenProject, at: string[]): Problem[] {
  const problems: Problem[] = [];
  for (const [environment, folders] of Object.entries(project.secrets)) {
    for (const [folder, keys] of Object.entries(folders)) {
      for (const [key, secret] of Object.entries(keys)) {
        const path = [...at, "secrets", environment, folder, key];
        const missing = (secret.tags ?? []).filter((tag) => !(tag in project.tags));
        if (missing.length > 0) problems.push({ path, text: `no such tag: ${missing.join(", ")}; add it under tags` });
        if ("literal" in secret && tooLarge(secret.literal) !== undefined) {
          problems.push({ path, text: tooLarge(secret.literal) ?? "" });
        }
      }
    }
  }
  return problems;
}

/** Why a value cannot be sent; nothing when it can. */
export function tooLarge(value: string): string | undefined {
  const size = sizeOf(value);
  if (size <= LARGEST_VALUE) return undefined;
  return `the value is ${size} bytes as it is sent, and Infisical takes requests up to 1 MiB: at most ${LARGEST_VALUE}`;
}

function webhookProblems(project: WrittenProject, at: string[]): Problem[] {
  return Object.entries(project.folders).flatMap(([environment, folders]) =>
    Object.entries(folders).flatMap(([path, folder]) =>
      folder.webhooks.flatMap((webhook, index) => {
        if (!isOwnNetwork(webhook)) return [];
        const where = [...at, "folders", environment, path, "webhooks", index];
        return [{ path: where, text: `${webhook.url} is an address of an own network, which Infisical refuses` }];
      }),
    ),
  );
}

function isOwnNetwork({ url }: WebhookPlan): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
  return /^(localhost$|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|0\.|::1?$|f[cd]|fe80:)/i.test(host);
}

function identityProblems(
  blueprint: WrittenBlueprint,
  name: string,
  identity: WrittenIdentity,
  assumptions: Assumptions,
): Problem[] {
  const at = ["identities", name];
  return [
    ...identity.grants.flatMap((grant, index) =>
      grantProblems(blueprint, grant, [...at, "grants", index], assumptions),
    ),
    ...clashes(blueprint, identity, at),
    ...lifetimeProblems(identity, at),
    ...allowListProblems(identity, at, assumptions),
  ];
}

function lifetimeProblems({ token, clientSecret }: WrittenIdentity, at: string[]): Problem[] {
  const problems: Problem[] = [];
  if (token.ttl > token.maxTtl) {
    problems.push({
      path: [...at, "token", "ttl"],
      text: `${token.ttl} s is above maxTtl (${token.maxTtl} s); raise maxTtl or lower ttl`,
    });
  }
  const { grace, ttl, rotateAfter } = clientSecret;
  if (grace !== undefined && grace < token.ttl) {
    problems.push({
      path: [...at, "clientSecret", "grace"],
      text: `${grace} s is below token.ttl (${token.ttl} s): an application would be cut off in the middle of a token`,
    });
  }
  if (rotateAfter !== undefined && ttl > 0 && rotateAfter >= ttl) {
    problems.push({
      path: [...at, "clientSecret", "rotateAfter"],
      text: `${rotateAfter} s is not before the secret expires (ttl ${ttl} s)`,
    });
  }
  return problems;
}

function allowListProblems({ trustedIps }: WrittenIdentity, at: string[], assumptions: Assumptions): Problem[] {
  const narrow = trustedIps.filter((address) => !EVERYWHERE.includes(address));
  if (narrow.length === 0 || assumptions.licensed) return [];
  return [
    {
      path: [...at, "trustedIps"],
      text:
        `a free server refuses an IP allow-list (${narrow.join(", ")}). Leave ${EVERYWHERE.join(" and ")} and ` +
        "limit who reaches the port, or set infisical:server.licenseKey",
    },
  ];
}

function grantProblems(
  blueprint: WrittenBlueprint,
  grant: WrittenGrant,
  path: Problem["path"],
  assumptions: Assumptions,
): Problem[] {
  const slugs = Object.keys(blueprint.projects);
  if (grant.project === undefined && slugs.length > 1) {
    return [{ path, text: `say which project is meant: project: ${slugs.join(" | ")}` }];
  }
  const slug = grant.project ?? slugs[0] ?? "";
  const project = blueprint.projects[slug];
  if (project === undefined) {
    return [{ path: [...path, "project"], text: `there is no project "${slug}" here (${slugs.join(", ")})` }];
  }
  const unknown = [grant.environment].flat().filter((environment) => !(environment in project.environments));
  return [
    ...unknown.map((environment) => ({
      path: [...path, "environment"],
      text: notAnEnvironment(project, slug, environment),
    })),
    ...widthProblems(grant, path),
    ...endProblems(grant, path, assumptions.now ?? new Date()),
  ];
}

function widthProblems(grant: WrittenGrant, path: Problem["path"]): Problem[] {
  const problems: Problem[] = [];
  if (grant.path === "/**" && grant.acknowledge === undefined) {
    problems.push({
      path: [...path, "path"],
      text: "/** is the whole environment. Name the folders, or say why it is meant: acknowledge: ...",
    });
  }
  if (!grant.actions.includes("read")) {
    problems.push({ path: [...path, "actions"], text: "write goes with read: [read, write]" });
  }
  return problems;
}

function endProblems({ until }: WrittenGrant, path: Problem["path"], now: Date): Problem[] {
  if (until === undefined || Date.parse(until) > now.getTime()) return [];
  return [{ path: [...path, "until"], text: `${until} is in the past; take the grant out, or set another end` }];
}

/** Two grants of one identity on the same folder: which one holds would be left to chance. */
function clashes(blueprint: WrittenBlueprint, { grants }: WrittenIdentity, at: string[]): Problem[] {
  const only = Object.keys(blueprint.projects)[0] ?? "";
  const flat = grants.flatMap((grant, index) =>
    [grant.environment].flat().map((environment) => ({
      index,
      path: grant.path,
      until: grant.until,
      place: `${grant.project ?? only}/${environment}`,
    })),
  );
  return flat.flatMap((one, position) => {
    const other = flat
      .slice(0, position)
      .find((before) => before.place === one.place && overlap(before.path, one.path));
    // A permanent grant and one with an end beside it are a meaning of their own.
    if (other === undefined || (other.until === undefined) !== (one.until === undefined)) return [];
    const text = `${one.path} clashes with ${other.path} of grant ${other.index + 1}; make one grant of the two`;
    return [{ path: [...at, "grants", one.index, "path"], text }];
  });
}

function overlap(one: string, other: string): boolean {
  return (
    coversFolder({ path: one }, folderOfGrant({ path: other })) ||
    coversFolder({ path: other }, folderOfGrant({ path: one }))
  );
}

function notAnEnvironment(project: WrittenProject, slug: string, environment: string): string {
  const known = Object.keys(project.environments);
  return `"${environment}" is not an environment of ${slug} (${known.join(", ")}); define it there, or correct the name`;
}
