import { messageOf } from "../../infra/api/fault";
import { checkBackups } from "../core/checks/backups";
import { checkBootstrap } from "../core/checks/bootstrap";
import { checkClock } from "../core/checks/clock";
import { checkCredentials } from "../core/checks/credentials";
import { checkDisk } from "../core/checks/disk";
import { checkDocker } from "../core/checks/docker";
import { checkHistory } from "../core/checks/history";
import { checkImages } from "../core/checks/images";
import { checkKeys } from "../core/checks/keys";
import { checkMemory } from "../core/checks/memory";
import { checkPassphrase } from "../core/checks/passphrase";
import { examine, type Check, type Finding, type Patient } from "../core/checks/patient";
import { checkPlaceholders } from "../core/checks/placeholders";
import { checkPlan } from "../core/checks/plan";
import { checkPlugins } from "../core/checks/plugins";
import { checkPort } from "../core/checks/port";
import { checkRuns } from "../core/checks/runs";
import { misuse } from "../core/failure";
import { Stopwatch, summarize } from "../core/summary";
import { openWorkspace, type Workspace } from "../core/workspace";

export interface DoctorOptions {
  json?: boolean;
  /** Do what is safe to do unasked. */
  fix?: boolean;
}

const CHECKS: readonly Check[] = [
  checkDocker,
  checkDisk,
  checkMemory,
  checkPort,
  checkImages,
  checkPlugins,
  checkRuns,
  checkPassphrase,
  checkKeys,
  checkBootstrap,
  checkClock,
  checkPlan,
  checkPlaceholders,
  checkCredentials,
  checkBackups,
  checkHistory,
];

/** Looks at the machine and at the stack. Exit code 1 when something is bad and was not put right. */
export async function doctor(stack: string, options: DoctorOptions): Promise<void> {
  if (options.json === true && options.fix === true) throw misuse("--json only tells; give --fix without it.");
  const watch = new Stopwatch();
  const workspace = openWorkspace(stack);
  let findings = await diagnose(workspace);
  if (options.fix === true && (await fixed(findings)) > 0) findings = await diagnose(workspace);
  const count = (status: Finding["status"]): number => findings.filter((one) => one.status === status).length;
  if (options.json === true) console.log(JSON.stringify(findings, undefined, 2));
  else {
    for (const line of table(findings)) console.log(line);
    const [ok, warn, bad, unknown] = [count("ok"), count("warn"), count("bad"), count("unknown")];
    summarize("doctor", { stack, ok, warnings: warn, bad, "not looked at": unknown, seconds: watch.seconds });
  }
  if (count("bad") > 0) process.exitCode = 1;
}

/** What every check finds; one that fails is a finding itself. */
export async function diagnose(workspace: Workspace): Promise<Finding[]> {
  const patient = await examine(workspace);
  const found: Finding[] = [];
  for (const check of CHECKS) found.push(...(await attempt(check, patient)));
  return found;
}

async function attempt(check: Check, patient: Patient): Promise<Finding[]> {
  try {
    return await check(patient);
  } catch (thrown) {
    const seen = `could not be looked at: ${messageOf(thrown)}`;
    return [{ check: check.name.replace(/^check/, "").toLowerCase(), status: "unknown", seen }];
  }
}

/** @returns how many things were put right. */
async function fixed(findings: Finding[]): Promise<number> {
  let done = 0;
  for (const { fix } of findings) {
    if (fix === undefined) continue;
    console.log(`fixed: ${await fix()}`);
    done += 1;
  }
  return done;
}

/** A line for each finding; under those that need something, what to do. */
function table(findings: Finding[]): string[] {
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings.flatMap(({ check, status, seen, remedy }) => {
    const line = `${painted(status)}  ${check.padEnd(width)}  ${seen}`;
    return status === "ok" || remedy === undefined ? [line] : [line, `${" ".repeat(width + 11)}-> ${remedy}`];
  });
}

const COLOURS = { ok: 32, warn: 33, bad: 31, unknown: 2 };

function painted(status: Finding["status"]): string {
  const text = status.padEnd(7);
  return process.stdout.isTTY === true && process.env.NO_COLOR === undefined
    ? `\u001b[${COLOURS[status]}m${text}\u001b[0m`
    : text;
}
