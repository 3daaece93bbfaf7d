import { messageOf } from "../../infra/api/fault";
import type { MatrixRow } from "../../cli/commands/matrix";
import { ProgramLab, ADMINISTRATOR } from "../support/program-lab";
import { byHand } from "../support/by-hand";
import { compare, type Census } from "../support/census";
import { DRIFTS, type Drift } from "../support/drifts";
import { WholeStack } from "../support/kill-whole";

/** Changes a server by hand in every way that is named, and looks whether a refresh sees it and `up` puts it right. */
export async function rows(): Promise<MatrixRow[]> {
  const lab = await ProgramLab.open();
  try {
    const result: MatrixRow[] = [];
    for (const drift of DRIFTS) result.push(await rowOf(lab, drift));
    return [...result, await screenRow()];
  } finally {
    await lab.close();
  }
}

async function rowOf(lab: ProgramLab, drift: Drift): Promise<MatrixRow> {
  await lab.begin();
  const first = await lab.engine.up();
  if (first.ended !== "done") return { case: drift.what, seen: first.failures.join("; "), ok: false };
  const wanted = await lab.census();
  await drift.change(await byHand(lab.server.url, ADMINISTRATOR));
  const { outcome: refresh, lines: written } = await listening(() => lab.engine.refresh());
  const lines = written.filter((line) => line.startsWith("security finding"));
  const plan = await lab.engine.up({ preview: true });
  const reported = keysReported(lab);
  const up = await lab.engine.up();
  const rest = await lab.engine.up({ preview: true });
  const problems = [
    ...[refresh, plan, up, rest].flatMap(({ failures }) => failures),
    ...rest.steps.map((step) => `a second preview wants to ${step}`),
    ...(drift.expect === "changed" ? differences(wanted, await lab.census()) : []),
    ...findingProblems(drift, lines),
  ];
  const seen = plan.steps.length > 0 ? "changed" : reported.length > 0 ? "reported" : "same";
  if (seen !== drift.expect) problems.push(`expected: ${drift.expect}`);
  return {
    case: drift.what,
    seen: [told(seen, plan.steps, reported, lines), ...problems].join("\n"),
    ok: problems.length === 0,
  };
}

/** Changes that do not get in each other's way: each one is to be seen on the screen of one and the same refresh. */
const TOGETHER: { what: string; onScreen: RegExp }[] = [
  { what: "a value changed", onScreen: /OPENAI_LLM_MODEL/ },
  { what: "another privilege added", onScreen: /security finding: .*"by-hand"/ },
  { what: "the role in the organization widened", onScreen: /security finding: .*"admin" in the organization/ },
  { what: "the token's lifetime changed", onScreen: /accessTokenTTL/ },
  { what: "an environment renamed", onScreen: /Renamed/ },
  { what: "sign-up opened again", onScreen: /security finding: strangers may sign up/ },
];

/** The same with the real CLI: what a person gets to see, and whether one `npm run up` puts it all right. */
async function screenRow(): Promise<MatrixRow> {
  const whole = await WholeStack.open();
  const problems: string[] = [];
  try {
    await whole.stack.up();
    const wanted = await whole.census();
    for (const { what } of TOGETHER) {
      await DRIFTS.find((drift) => drift.what === what)?.change(await byHand(whole.stack.url, ADMINISTRATOR));
    }
    const { stdout, stderr } = await whole.stack.refresh("--diff");
    problems.push(...unseen(`${stdout}\n${stderr}`));
    const again = await whole.again("up");
    if (again.code !== 0) problems.push(`npm run up: exit code ${again.code}\n${again.text}`);
    const preview = await whole.stack.run(["preview", "--expect-no-changes"]);
    if (preview.code !== 0) problems.push("a second preview wants to change something");
    problems.push(...differences(wanted, await whole.census()));
  } catch (thrown) {
    problems.push(messageOf(thrown));
  }
  await whole.stack.dispose().catch((thrown: unknown) => problems.push(String(thrown)));
  const figures = `${TOGETHER.length} changes, all on the screen of one refresh, put right by one npm run up`;
  const title = "several at once, with the real CLI";
  return { case: title, seen: problems.length === 0 ? figures : problems.join("\n"), ok: problems.length === 0 };
}

function unseen(screen: string): string[] {
  const missing = TOGETHER.filter(({ onScreen }) => !onScreen.test(screen)).map(
    ({ what }) => `not on the screen: ${what}`,
  );
  return missing.length === 0 ? [] : [...missing, screen];
}

function told(seen: Drift["expect"], steps: string[], reported: string[], findings: string[]): string {
  if (seen === "same") return "no drift";
  if (seen === "reported") return `named, and left alone: ${reported.join(", ")}`;
  return [`seen, put right: ${steps.join(", ")}`, ...findings].join("\n");
}

function differences(wanted: Census, now: Census): string[] {
  const { doubles, losses } = compare(now, wanted);
  return [...doubles.map((one) => `still there: ${one}`), ...losses.map((one) => `not brought back: ${one}`)];
}

function findingProblems({ finding }: Drift, lines: string[]): string[] {
  if (finding === undefined) return lines.map((line) => `not expected: ${line}`);
  return lines.some((line) => finding.test(line)) ? [] : [`no security finding like ${String(finding)}`];
}

/** Keys of others that the state names, never their values. */
function keysReported({ engine }: ProgramLab): string[] {
  const secrets = [...engine.state.values()].filter(({ type }) => type.endsWith(":Secrets"));
  return secrets.flatMap(({ outputs }) => (Array.isArray(outputs.othersKeys) ? outputs.othersKeys.map(String) : []));
}

/** What the providers write to stderr, which Pulumi shows among its diagnostics. */
async function listening<T>(act: () => Promise<T>): Promise<{ outcome: T; lines: string[] }> {
  const real = console.error;
  const lines: string[] = [];
  console.error = (...parts: unknown[]) => void lines.push(parts.map(String).join(" "));
  try {
    return { outcome: await act(), lines };
  } finally {
    console.error = real;
  }
}
