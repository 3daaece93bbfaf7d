import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { readBlueprint } from "../core/blueprint";
import { Failure } from "../core/failure";
import { LOCAL, ROOT } from "../core/places";
import { noSuchStack } from "../core/pulumi";
import { readUp } from "../core/run-record";
import { readStack, type StackResource } from "../core/state";
import { Stopwatch, summarize } from "../core/summary";
import { timelineOf } from "../core/timeline";
import { isSurprise, verdictsFor } from "../core/verdicts";
import { openWorkspace, type Workspace } from "../core/workspace";
import type { Asked } from "../report/access-table";
import { builtFrom } from "../report/built";
import { credentialsIn } from "../report/credentials";
import { pageOf, type Report } from "../report/page";

export interface ReportOptions {
  /** Try what the identities may do. Default: yes. */
  verify?: boolean;
  /** Print what the page tells as JSON, and write no page. */
  json?: boolean;
}

/** Writes the page on which a person sees the stack: `.local/report/<stack>.html`. */
export async function report(stack: string, options: ReportOptions): Promise<void> {
  const watch = new Stopwatch();
  const content = await gather(openWorkspace(stack), options);
  if (options.json === true) return console.log(JSON.stringify(content, undefined, 2));
  const file = join(LOCAL, "report", `${stack}.html`);
  mkdirSync(join(LOCAL, "report"), { recursive: true, mode: 0o700 });
  writeFileSync(file, pageOf(content));
  const { asked, resources } = content;
  const access =
    "reason" in asked
      ? { access: "not asked" }
      : { cells: asked.verdicts.length, surprises: asked.verdicts.filter(isSurprise).length };
  summarize("report", { stack, resources, ...access, file: relative(ROOT, file), seconds: watch.seconds });
}

/** All that the page tells of a stack. @throws Failure when there is no stack to tell of. */
export async function gather(workspace: Workspace, options: ReportOptions = {}): Promise<Report> {
  const { stack } = workspace;
  const resources = await readStack(workspace);
  if (resources.length === 0) throw new Failure(noSuchStack(stack));
  const now = new Date();
  const run = readUp(stack);
  return {
    stack,
    madeAt: now.toISOString(),
    resources: resources.length,
    built: builtFrom(resources),
    run,
    spans: run === undefined ? [] : timelineOf(resources, run),
    asked:
      options.verify === false ? { reason: "it was switched off by --no-verify" } : await ask(workspace, resources),
    credentials: credentialsIn(resources, now),
  };
}

/** A server that is away is told on the page, and is no reason to have no page. */
async function ask(workspace: Workspace, resources: StackResource[]): Promise<Asked> {
  if (!resources.some(({ type }) => type.endsWith("infisical:Identity"))) return { reason: "there is no identity yet" };
  try {
    const { all, notRun } = await verdictsFor(workspace, readBlueprint(workspace, { endedGrants: "keep" }));
    return { verdicts: all, notRun };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { reason: thrown.message };
  }
}
