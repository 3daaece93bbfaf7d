import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { stringify } from "yaml";
import { readBlueprintFile } from "../../infra/blueprint/load";
import { writeSecretFile } from "../core/env-file";
import { Failure } from "../core/failure";
import { withLive } from "../core/live";
import { readLiveProject } from "../core/live-project";
import { LOCAL, ROOT } from "../core/places";
import { pulledBlueprint } from "../core/pulled-blueprint";
import { Stopwatch, summarize } from "../core/summary";
import { openWorkspace, type Workspace } from "../core/workspace";

export interface PullOptions {
  /** File for the blueprint, from the project's folder. */
  output?: string;
  /** Write the values too, to a file of mode 0600; `true`: where git does not see it. */
  values?: boolean | string;
  /** Overwrite files that are there. */
  force?: boolean;
}

/** Reads a live project and writes the blueprint that describes it. */
export async function pull(stack: string, slug: string, options: PullOptions): Promise<void> {
  await pullProject(openWorkspace(stack), slug, options);
}

export async function pullProject(workspace: Workspace, slug: string, options: PullOptions): Promise<void> {
  const watch = new Stopwatch();
  const { url, live } = await withLive(workspace, async (server) => ({
    url: server.url,
    live: await readLiveProject(server.ask, slug),
  }));
  const output = resolve(ROOT, options.output ?? join("blueprints", `${slug}.yaml`));
  const valuesFile = valuesFileOf(slug, options.values);
  const named = valuesFile === undefined ? undefined : relative(ROOT, valuesFile);
  const { blueprint, values } = pulledBlueprint(live, { valuesFile: named, url });
  for (const file of [output, ...(valuesFile === undefined ? [] : [valuesFile])]) refuseOverwriting(file, options);
  writeFileSync(output, blueprint);
  if (valuesFile !== undefined) {
    mkdirSync(dirname(valuesFile), { recursive: true, mode: 0o700 });
    writeSecretFile(valuesFile, stringify(values, { defaultStringType: "QUOTE_DOUBLE", lineWidth: 0 }));
  }
  requireReadable(output);
  const shown = relative(ROOT, output);
  console.log(`blueprint: ${shown}`);
  console.log(named === undefined ? "values: they stay on the server" : `values: ${named} (mode 0600)`);
  console.log(
    `next: npm run pulumi -- config set blueprint ${shown} -s ${workspace.stack}, npm run preview, npm run up`,
  );
  const folders = live.environments.reduce((sum, environment) => sum + environment.folders.length - 1, 0);
  const figures = { environments: live.environments.length, folders, keys: Object.keys(values).length };
  summarize("pull", { project: slug, ...figures, seconds: watch.seconds });
}

function valuesFileOf(slug: string, wanted: PullOptions["values"]): string | undefined {
  if (wanted === undefined || wanted === false) return undefined;
  return wanted === true ? join(LOCAL, "pulled", `${slug}.yaml`) : resolve(ROOT, wanted);
}

function refuseOverwriting(file: string, { force }: PullOptions): void {
  if (force !== true && existsSync(file)) {
    throw new Failure(
      `${relative(ROOT, file)} is there already: name another file (--output, --values), or say --force.`,
    );
  }
}

/** What a server has can be more than a blueprint can say. */
function requireReadable(file: string): void {
  try {
    readBlueprintFile(file, relative(ROOT, file), { licensed: true });
  } catch (thrown) {
    throw new Failure(
      `the project holds what a blueprint cannot say; correct it in the file or on the server:\n${(thrown as Error).message}`,
    );
  }
}
