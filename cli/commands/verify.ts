import { writeFileSync } from "node:fs";
import { readBlueprint } from "../core/blueprint";
import { Failure } from "../core/failure";
import { junitOf } from "../core/junit";
import { Stopwatch, summarize } from "../core/summary";
import { describeVerdict, isSurprise, nameOfCell, verdictsFor, type Verdict } from "../core/verdicts";
import { openWorkspace, type Workspace } from "../core/workspace";

export interface VerifyOptions {
  json?: boolean;
  /** File for a JUnit report. */
  junit?: string;
}

/** Proves what every identity of the blueprint may do and may not do. Exit code 1 on any surprise, in either direction. */
export async function verify(stack: string, options: VerifyOptions): Promise<void> {
  const watch = new Stopwatch();
  const { all, notRun } = await verdictsIn(openWorkspace(stack));
  if (options.junit !== undefined) writeFileSync(options.junit, junitOf("verify", all.map(toJunit)));
  if (options.json === true) console.log(JSON.stringify(all.map(withoutId), undefined, 2));
  else {
    printVerdicts(all);
    for (const reason of notRun) console.log(`not run: ${reason}`);
    summarize("verify", { stack, ...figuresOf(all), seconds: watch.seconds });
  }
  refuseSurprises(all);
}

/** The same in one line, as the end of a command that changed something. @throws Failure that names every surprise. */
export async function verifyQuietly(workspace: Workspace): Promise<void> {
  const watch = new Stopwatch();
  const { all, notRun } = await verdictsIn(workspace);
  for (const reason of notRun) console.log(`verify: not run: ${reason}`);
  summarize("verify", { stack: workspace.stack, ...figuresOf(all), seconds: watch.seconds });
  refuseSurprises(all);
}

/** A grant whose end has passed stays part of the matrix: it has to be refused now. */
function verdictsIn(workspace: Workspace): ReturnType<typeof verdictsFor> {
  return verdictsFor(workspace, readBlueprint(workspace, { endedGrants: "keep" }));
}

function refuseSurprises(verdicts: Verdict[]): void {
  const surprises = verdicts.filter(isSurprise);
  if (surprises.length === 0) return;
  const lines = surprises.map((one) => `  ${describeVerdict(one)}`);
  throw new Failure(`verify: ${surprises.length} surprises:\n${lines.join("\n")}`);
}

export function figuresOf(verdicts: Verdict[]): { [name: string]: number } {
  const count = (seen: string): number => verdicts.filter((one) => one.seen === seen && !isSurprise(one)).length;
  return {
    cells: verdicts.length,
    allowed: count("allowed"),
    denied: count("denied"),
    surprises: verdicts.filter(isSurprise).length,
  };
}

/** One line for each identity, folder and SDK: what is allowed there, and what is not. */
function printVerdicts(verdicts: Verdict[]): void {
  const groups = new Map<string, Verdict[]>();
  for (const one of verdicts) {
    const name = `${one.identity}  ${one.sdk.padEnd(6)}  ${one.project} ${one.environment}:${one.path}`;
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  const width = Math.max(0, ...[...groups.keys()].map((name) => name.length));
  for (const [name, group] of groups) console.log(`${name.padEnd(width)}  ${group.map(inShort).join("  ")}`);
  console.log("+ allowed, - refused; what is not as the blueprint says is marked (SURPRISE)");
}

function inShort(one: Verdict): string {
  const sign = { allowed: "+", denied: "-", unclear: "?" }[one.seen];
  return `${sign}${one.action}${isSurprise(one) ? " (SURPRISE)" : ""}`;
}

function toJunit(one: Verdict): { name: string; failure?: string } {
  const name = nameOfCell(one);
  return isSurprise(one) ? { name, failure: describeVerdict(one) } : { name };
}

function withoutId({ id: _, ...rest }: Verdict): Omit<Verdict, "id"> {
  return rest;
}
