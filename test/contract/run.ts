import { EXCEPTIONS, idsOf } from "./exceptions.js";
import { send } from "./http.js";
import type { Stage } from "./interventions.js";
import { Mapping } from "./mapping.js";
import { isObject, readRecording, type Exchange } from "./recording.js";
import { replay, type Outcome } from "./replay.js";
import { startSandbox } from "./server.js";

/** The recorded server was emptied twice; each stretch starts on an empty server. */
export const INSTANCES = { A: [1, 24], B: [25, 617], C: [701, 791] } as const;
export type InstanceName = keyof typeof INSTANCES;

/** The SDK logs were taken between these two exchanges of B. */
const SDKS_AFTER = 459;

/** A real server's 10 s, and what stands for them on a sandbox: long enough for the 25 calls that must fall within. */
const REAL_DELAY_MS = 10_000;
const SANDBOX_DELAY_MS = Number(process.env["CONTRACT_PERMISSION_DELAY_MS"] ?? 2_000);

/** On the server of stretch A the cut-off date for tokens without expiry was past: 23 and 24 need it. */
const PAST_CUT_OFF = { LEGACY_IDENTITY_ACCESS_TOKEN_EXPIRATION_ENFORCED_AT: "2020-01-01" };

export interface Run {
  target: string;
  outcomes: Outcome[];
  /** Instances that were not run, with the reason. */
  notRun: string[];
  ms: number;
}

/** Replays all that the target allows: everything on sandboxes of our own, B and the SDK logs on a server by URL. */
export async function runAll(url: string | undefined): Promise<Run> {
  const started = Date.now();
  if (url !== undefined && url !== "") {
    await refuseInUse(url);
    const outcomes = await replayInstance("B", stageOn(url, REAL_DELAY_MS));
    const reason = "an instance by URL cannot be emptied between the stretches";
    const notRun = [`A (1-24): ${reason}`, `C (701-791): ${reason}`];
    return { target: url, outcomes, notRun, ms: Date.now() - started };
  }
  // C first: it waits longest, for a grant of 20 s to end.
  const names: InstanceName[] = ["C", "B", "A"];
  const perInstance = await Promise.all(names.map((name) => onOwnSandbox(name)));
  return { target: "sandbox", outcomes: perInstance.toReversed().flat(), notRun: [], ms: Date.now() - started };
}

/** @throws Error when somebody has set the server up: the suite would leave its traces there. */
async function refuseInUse(url: string): Promise<void> {
  const { status, body } = await send(url, { method: "GET", path: "/api/v1/admin/config", headers: {}, body: null });
  const config = isObject(body) ? (body["config"] ?? null) : null;
  if (isObject(config) && config["initialized"] === false) return;
  throw new Error(
    `${url} cannot be used (GET /api/v1/admin/config: ${status}, initialized is not false): ` +
      "the suite needs a disposable server that nobody has set up yet",
  );
}

async function onOwnSandbox(name: InstanceName): Promise<Outcome[]> {
  const server = await startSandbox(SANDBOX_DELAY_MS, name === "A" ? PAST_CUT_OFF : {});
  try {
    return await replayInstance(name, stageOn(server.origin, SANDBOX_DELAY_MS));
  } finally {
    await server.stop();
  }
}

function stageOn(origin: string, permissionDelayMs: number): Stage {
  return { origin, permissionDelayMs, mapping: new Mapping(), etags: new Map() };
}

async function replayInstance(name: InstanceName, stage: Stage): Promise<Outcome[]> {
  const [first, last] = INSTANCES[name];
  const exchanges = readRecording("exchanges").filter(({ n }) => n >= first && n <= last);
  const skip = new Set(EXCEPTIONS.filter(({ kind }) => kind === "not replayed").flatMap((entry) => idsOf(entry)));
  if (name !== "B") return replay(stage, exchanges, skip);
  const until = (exchange: Exchange): boolean => exchange.n <= SDKS_AFTER;
  return [
    ...(await replay(stage, exchanges.filter(until), skip)),
    ...(await replay(stage, readRecording("sdk-python"), skip, "sdk-python:")),
    ...(await replay(stage, readRecording("sdk-node"), skip, "sdk-node:")),
    ...(await replay(
      stage,
      exchanges.filter((exchange) => !until(exchange)),
      skip,
    )),
  ];
}
