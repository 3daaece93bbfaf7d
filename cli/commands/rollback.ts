import type { Ask } from "../../infra/api/http";
import {
  listSecrets,
  listVersions,
  secretValueAt,
  writeSecrets,
  type Secret,
  type SecretsPlace,
} from "../../infra/api/secrets";
import { folderOfGrant } from "../../infra/blueprint/schema";
import { openBlueprint } from "../core/blueprint";
import { requireConsent } from "../core/consent";
import { Failure, misuse } from "../core/failure";
import { fingerprints } from "../core/fingerprints";
import { withLive, type Live } from "../core/live";
import { requireProject } from "../core/live-project";
import { managedAt, projectMeant } from "../core/ownership";
import { Stopwatch, summarize } from "../core/summary";
import { openWorkspace, type Workspace } from "../core/workspace";

export interface RollbackOptions {
  /** Number of a version, or a time; nothing: only say which versions are live. */
  to?: string;
  /** Slug of the project; default: the blueprint's first. */
  project?: string;
  /** Slug of the environment; default: the first that an identity was granted. */
  environment?: string;
  /** This key only. */
  key?: string;
  /** Do not ask. */
  yes?: boolean;
}

/** A version number, or a moment. */
type Aim = { version: number } | { time: Date };

interface Step {
  key: string;
  now: Secret;
  /** The value to go back to; nothing: it had none then. */
  value: string | undefined;
  version: number | undefined;
}

/** Gives the secrets of a folder, or one of them, the values that they had, from the server's own history. */
export async function rollback(stack: string, path: string, options: RollbackOptions): Promise<void> {
  await rollBackIn(openWorkspace(stack), path, options);
}

export async function rollBackIn(workspace: Workspace, path: string, options: RollbackOptions): Promise<void> {
  const watch = new Stopwatch();
  const aim = options.to === undefined ? undefined : aimOf(options.to);
  const blueprint = openBlueprint(workspace);
  const project = projectMeant(blueprint, options.project);
  const environment = options.environment ?? firstGranted(blueprint.plan, project);
  await withLive(workspace, async (live) => {
    const { id } = await requireProject(live.ask, project);
    const place = { projectId: id, environment, secretPath: path };
    const folder = `${environment}:${path}`;
    if (aim === undefined) {
      const secrets = await secretsMeant(live.ask, place, options.key);
      for (const { key, version, updatedAt } of secrets)
        console.log(`  ${key}: version ${version}, written ${updatedAt}`);
      return summarize("rollback", { folder, keys: secrets.length, seconds: watch.seconds });
    }
    const steps = await stepsOf(live, place, aim, options.key);
    const back = steps.filter(({ now, value }) => value !== undefined && value !== now.value);
    show(steps, (key) => managedAt(blueprint, { project, environment, path, key }));
    if (back.length > 0) {
      await requireConsent(`Give ${back.length} keys of ${folder} back the value that they had?`, options.yes);
      await writeSecrets(
        live.ask,
        place,
        back.map(({ key, value }) => ({ key, value: value ?? "" })),
      );
    }
    const figures = { "rolled back": back.length, "as they are": steps.length - back.length };
    summarize("rollback", { folder, ...figures, seconds: watch.seconds });
  });
}

function aimOf(text: string): Aim {
  if (/^\d+$/.test(text)) return { version: Number(text) };
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw misuse(`--to: "${text}" is neither a version nor a time such as 2027-01-31T18:00:00Z`);
  if (time.getTime() > Date.now()) throw misuse(`--to: ${text} is yet to come`);
  return { time };
}

function firstGranted(plan: ReturnType<typeof openBlueprint>["plan"], project: string): string {
  const grants = Object.values(plan.identities).flatMap((identity) => identity.grants);
  const grant = grants.find((one) => one.project === project && folderOfGrant(one) !== "");
  return grant?.environment ?? Object.keys(plan.projects[project]?.environments ?? {})[0] ?? "";
}

async function stepsOf(live: Live, place: SecretsPlace, aim: Aim, only: string | undefined): Promise<Step[]> {
  const meant = await secretsMeant(live.ask, place, only);
  if ("time" in aim && live.as !== "administrator") {
    throw new Failure(
      "histories are shown to people only, and this stack works as a machine identity: name a version in place of a time.",
    );
  }
  const steps: Step[] = [];
  for (const now of meant) {
    const then =
      "version" in aim ? await byVersion(live.ask, place, now, aim.version) : await byTime(live.ask, now, aim.time);
    steps.push({ key: now.key, now, value: then?.value, version: then?.version });
  }
  return steps;
}

/** The secrets of the folder, or the one that was named, by key. */
async function secretsMeant(ask: Ask, place: SecretsPlace, only: string | undefined): Promise<Secret[]> {
  const folder = `${place.environment}:${place.secretPath}`;
  const secrets = await listSecrets(ask, place);
  if (secrets === undefined) throw misuse(`there is no folder ${folder}`);
  const meant = secrets.filter(({ key }) => only === undefined || key === only);
  if (only !== undefined && meant.length === 0) {
    throw new Failure(`${folder} has no key ${only}; one that was deleted has no history.`);
  }
  return meant.sort((a, b) => (a.key < b.key ? -1 : 1));
}

interface Then {
  version: number;
  value: string;
}

async function byVersion(ask: Ask, place: SecretsPlace, now: Secret, version: number): Promise<Then | undefined> {
  const value = await secretValueAt(ask, place, now.key, version);
  return value === undefined ? undefined : { version, value };
}

/** The newest version that was written by then. */
async function byTime(ask: Ask, now: Secret, time: Date): Promise<Then | undefined> {
  const versions = await listVersions(ask, now.id);
  return versions
    .filter(({ createdAt }) => Date.parse(createdAt) <= time.getTime())
    .sort((a, b) => b.version - a.version)[0];
}

function show(steps: Step[], managedBy: (key: string) => string | undefined): void {
  const mark = fingerprints();
  console.log("values are shown as fingerprints, which are good for this run only");
  for (const { key, now, value, version } of steps) {
    if (value === undefined) console.log(`    ${key}: version ${now.version} stays; it has none from then`);
    else if (value === now.value) console.log(`    ${key}: version ${now.version} has the value of version ${version}`);
    else {
      const managed = managedBy(key);
      const note =
        managed === undefined ? "" : `  the blueprint sets it again at the next up: change it at ${managed}, too`;
      console.log(
        `  ~ ${key}: version ${now.version} ${mark(now.value)} => value of version ${version} ${mark(value)}${note}`,
      );
    }
  }
  if (steps.length === 0) console.log("  the folder holds no secret");
}
