import { mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { EXCEPTIONS, idsOf } from "./exceptions.js";
import type { Outcome, Verdict } from "./replay.js";
import type { Run } from "./run.js";

const TOTAL = 701;

/** Figures and lists of one run, as they go into `.local/logs/contract.json`. */
export interface Report {
  target: string;
  seconds: number;
  same: number;
  total: number;
  sdkPython: string;
  sdkNode: string;
  notRun: string[];
  notReplayed: Line[];
  notServed: Line[];
  deviating: Line[];
}

interface Line {
  id: string;
  name: string;
  route: string;
  reason: string;
}

export function reportOf(run: Run): Report {
  const own = run.outcomes.filter(({ id }) => !id.includes(":"));
  const list = (verdict: Verdict): Line[] => run.outcomes.filter((one) => one.verdict === verdict).map(lineOf);
  return {
    target: run.target,
    seconds: Math.round(run.ms / 100) / 10,
    same: own.filter(({ verdict }) => verdict === "same").length,
    total: TOTAL,
    sdkPython: sdkFigure(run.outcomes, "sdk-python:"),
    sdkNode: sdkFigure(run.outcomes, "sdk-node:"),
    notRun: run.notRun,
    notReplayed: list("not replayed"),
    notServed: list("not served"),
    deviating: list("deviates"),
  };
}

function sdkFigure(outcomes: Outcome[], prefix: string): string {
  const own = outcomes.filter(({ id }) => id.startsWith(prefix));
  return `${own.filter(({ verdict }) => verdict === "same").length} of ${own.length}`;
}

function lineOf({ id, name, route, differences }: Outcome): Line {
  const known = EXCEPTIONS.find((entry) => idsOf(entry).includes(id))?.reason;
  return { id, name, route, reason: known ?? `UNEXPECTED: ${differences.join("; ")}` };
}

/** The report as text for a terminal. */
export function printable(report: Report): string {
  const head = [
    `contract of ${report.target}: ${report.same} of ${report.total} exchanges as recorded, in ${report.seconds} s`,
    `  infisicalsdk (Python) log: ${report.sdkPython}   @infisical/sdk (Node) log: ${report.sdkNode}`,
    ...report.notRun.map((line) => `  not run: ${line}`),
  ];
  const lists: [string, Line[]][] = [
    ["not replayable", report.notReplayed],
    ["not served", report.notServed],
    ["deviating", report.deviating],
  ];
  const body = lists.flatMap(([title, lines]) => [`  ${title}: ${lines.length}`, ...lines.map(printableLine)]);
  return [...head, ...body].join("\n");
}

function printableLine({ id, name, route, reason }: Line): string {
  return `    ${id.padEnd(14)} ${name.padEnd(36).slice(0, 36)} ${route.padEnd(58).slice(0, 58)} ${reason}`;
}

/** Writes the report to `.local/logs/contract.json` of the repository. */
export function saveReport(report: Report): void {
  const folder = resolve(__dirname, "../../.local/logs");
  mkdirSync(folder, { recursive: true });
  writeFileSync(resolve(folder, "contract.json"), `${JSON.stringify(report, undefined, 2)}\n`);
}
