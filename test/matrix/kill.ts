import type { MatrixRow } from "../../cli/commands/matrix";
import { RequestKiller, type KillCase, type KillOutcome } from "../support/kill-at-requests";
import { sampleOf } from "../support/sample";

/** Kinds of kills at requests; each is tried at every request of a run. */
const KINDS: Omit<KillCase, "request">[] = [
  { run: "up", victim: "cli", when: "before", again: "npm run up" },
  { run: "up", victim: "cli", when: "after", again: "npm run up" },
  { run: "up", victim: "cli", when: "after", again: "pulumi up" },
  { run: "up", victim: "provider", when: "before", again: "npm run up" },
  { run: "up", victim: "provider", when: "after", again: "npm run up" },
  { run: "up", victim: "provider", when: "after", again: "pulumi up" },
  { run: "up", victim: "server", when: "before", again: "npm run up" },
  { run: "up", victim: "server", when: "after", again: "npm run up" },
  { run: "up", victim: "server", when: "after", again: "pulumi up" },
  { run: "destroy", victim: "cli", when: "after", again: "destroy" },
  { run: "destroy", victim: "provider", when: "before", again: "destroy" },
  { run: "destroy", victim: "provider", when: "after", again: "destroy" },
  { run: "destroy", victim: "server", when: "before", again: "destroy" },
  { run: "destroy", victim: "server", when: "after", again: "destroy" },
];

/** Of the requests that change nothing, a run in CI takes so many by chance of each kind, always the same ones. */
const SAMPLE = 3;

/**
 * Kills at every request of `up` and of `destroy`.
 * @param sample Only what CI runs: every kill after a request that changes something, and a fixed sample of the others.
 */
export async function rows({ sample = false }: { sample?: boolean } = {}): Promise<MatrixRow[]> {
  const killer = await RequestKiller.open();
  try {
    const result: MatrixRow[] = [];
    for (const kind of KINDS) result.push(await rowOf(killer, kind, sample));
    return result;
  } finally {
    await killer.close();
  }
}

async function rowOf(killer: RequestKiller, kind: Omit<KillCase, "request">, sample: boolean): Promise<MatrixRow> {
  const requests = killer.requests[kind.run];
  const all = requests.map((_, index) => index + 1);
  const changing = all.filter((request) => !requests[request - 1]?.startsWith("GET "));
  const chosen = sample
    ? sampleOf(
        all,
        SAMPLE,
        `${kind.run} ${kind.victim} ${kind.when} ${kind.again}`,
        kind.when === "after" ? changing : [],
      )
    : all;
  const outcomes: { request: number; outcome: KillOutcome }[] = [];
  for (const request of chosen) outcomes.push({ request, outcome: await killer.try({ ...kind, request }) });
  return summarized(kind, requests.length, outcomes);
}

function summarized(
  kind: Omit<KillCase, "request">,
  boundaries: number,
  outcomes: { request: number; outcome: KillOutcome }[],
): MatrixRow {
  const tried = outcomes.filter(({ outcome }) => outcome.hit !== undefined);
  const converged = tried.filter(({ outcome }) => outcome.problems.length === 0).length;
  const doubles = tried.reduce((sum, { outcome }) => sum + outcome.doubles.length, 0);
  const losses = tried.reduce((sum, { outcome }) => sum + outcome.losses.length, 0);
  const wrong = tried.flatMap(({ request, outcome }) =>
    [
      ...outcome.problems,
      ...outcome.doubles.map((double) => `double ${double}`),
      ...outcome.losses.map((loss) => `lost ${loss}`),
    ].map((problem) => `request ${request}, ${outcome.hit ?? ""}: ${problem}`),
  );
  const figures = `${boundaries} requests, ${tried.length} tried, ${converged} converged, ${doubles} doubles, ${losses} losses`;
  return {
    case: `${kind.run}: ${kind.victim} killed ${kind.when} the request, then ${kind.again}`,
    seen: [figures, ...wrong].join("\n"),
    ok: wrong.length === 0 && tried.length > 0,
  };
}
