import { createFolder, findFolder, listFolderTree } from "../../infra/api/folders";
import type { Ask } from "../../infra/api/http";
import { asStored, listSecrets, writeSecrets, type Secret } from "../../infra/api/secrets";
import type { BlueprintFile } from "../../infra/blueprint/load";
import { PLACEHOLDER } from "../../infra/blueprint/sources";
import { openBlueprint } from "../core/blueprint";
import { requireConsent } from "../core/consent";
import { misuse } from "../core/failure";
import { fingerprints } from "../core/fingerprints";
import { withLive } from "../core/live";
import { requireProject } from "../core/live-project";
import { managedAt, projectMeant } from "../core/ownership";
import { Stopwatch, summarize } from "../core/summary";
import { openWorkspace, type Workspace } from "../core/workspace";

export interface PromoteOptions {
  /** Slug of the project; default: the blueprint's first. */
  project?: string;
  /** This folder only. */
  path?: string;
  /** Do not ask. */
  yes?: boolean;
}

interface Step {
  path: string;
  key: string;
  value: string;
  /** What is there now; nothing: the key is new. */
  before: string | undefined;
  /** Why the value is not copied; nothing: it is. */
  stays: string | undefined;
}

/** Copies the values of one environment's secrets to another one's, after showing which ones and asking. */
export async function promote(stack: string, from: string, to: string, options: PromoteOptions): Promise<void> {
  await promoteIn(openWorkspace(stack), from, to, options);
}

export async function promoteIn(
  workspace: Workspace,
  from: string,
  to: string,
  options: PromoteOptions,
): Promise<void> {
  const watch = new Stopwatch();
  const blueprint = openBlueprint(workspace);
  const slug = projectMeant(blueprint, options.project);
  await withLive(workspace, async ({ ask }) => {
    const project = await requireProject(ask, slug);
    for (const environment of [from, to]) {
      if (project.environments.some((known) => known.slug === environment)) continue;
      const known = project.environments.map((one) => one.slug).join(", ");
      throw misuse(`"${environment}" is not an environment of ${slug} (${known})`);
    }
    if (from === to) throw misuse("from and to are the same environment");
    const steps = await stepsOf(ask, blueprint, { slug, id: project.id, from, to, only: options.path });
    const copied = steps.filter(({ stays }) => stays === undefined);
    show(steps, from, to);
    if (copied.length > 0) {
      await requireConsent(`Copy ${copied.length} values from ${from} to ${to} of ${slug}?`, options.yes);
      await copy(ask, { projectId: project.id, environment: to }, copied);
    }
    const figures = { copied: copied.length, "not copied": steps.length - copied.length };
    summarize("promote", { project: slug, from, to, ...figures, seconds: watch.seconds });
  });
}

interface Route {
  slug: string;
  id: string;
  from: string;
  to: string;
  only: string | undefined;
}

/** Keys whose values differ between the two environments. */
async function stepsOf(ask: Ask, blueprint: BlueprintFile, route: Route): Promise<Step[]> {
  const { slug, id, from, to, only } = route;
  const tree = await listFolderTree(ask, { projectId: id, environment: from });
  const paths = ["/", ...tree.map(({ path }) => path)].filter((path) => only === undefined || path === only);
  if (paths.length === 0) throw misuse(`${from} has no folder ${only}`);
  const steps: Step[] = [];
  for (const path of paths) {
    const list = async (environment: string): Promise<Secret[]> =>
      (await listSecrets(ask, { projectId: id, environment, secretPath: path })) ?? [];
    const there = new Map((await list(to)).map(({ key, value }) => [key, value]));
    for (const { key, value } of await list(from)) {
      const before = there.get(key);
      if (before !== undefined && before === asStored(value)) continue;
      const managed = managedAt(blueprint, { project: slug, environment: to, path, key });
      steps.push({ path, key, value, before, stays: reasonToStay(value, from, managed) });
    }
  }
  return steps;
}

function reasonToStay(value: string, from: string, managed: string | undefined): string | undefined {
  if (managed !== undefined) return `the blueprint sets it: change it at ${managed}`;
  if (value.startsWith(PLACEHOLDER)) return "only a placeholder there";
  if (value.includes(`\${${from}.`)) return `its value refers to ${from} by name`;
  return undefined;
}

function show(steps: Step[], from: string, to: string): void {
  const mark = fingerprints();
  console.log(`${from} -> ${to}; values are shown as fingerprints, which are good for this run only`);
  for (const { path, key, value, before, stays } of steps) {
    const sign = stays !== undefined ? " " : before === undefined ? "+" : "~";
    const change = before === undefined ? `(new) ${mark(value)}` : `${mark(before)} => ${mark(value)}`;
    console.log(
      `  ${sign} ${path === "/" ? "" : path}/${key}: ${change}${stays === undefined ? "" : `  not copied: ${stays}`}`,
    );
  }
  if (steps.length === 0) console.log("  no difference");
}

async function copy(ask: Ask, place: { projectId: string; environment: string }, steps: Step[]): Promise<void> {
  for (const path of new Set(steps.map((step) => step.path))) {
    if (path !== "/" && (await findFolder(ask, place, path)) === undefined) await createFolder(ask, place, path, "");
    const writes = steps.filter((step) => step.path === path).map(({ key, value }) => ({ key, value }));
    await writeSecrets(ask, { ...place, secretPath: path }, writes);
  }
}
