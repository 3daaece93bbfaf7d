import type Docker from "dockerode";
import { diagnose, redacted } from "./signatures";

/** Why a container will not get any better on its own. */
export interface Failure {
  container: string;
  /** The story, several lines, the most useful last. */
  story: string;
}

/** The first container that is dead, could not be started, is restarting in a loop, or is unhealthy. */
export async function findFailure(engine: Docker, ids: string[]): Promise<Failure | undefined> {
  for (const id of ids) {
    const seen = await engine
      .getContainer(id)
      .inspect()
      .catch(() => undefined);
    if (seen === undefined)
      return { container: id.slice(0, 12), story: "it is gone. Run `npm run up`, which brings it back." };
    const bad = badStateOf(seen);
    if (bad !== undefined) {
      const container = seen.Name.replace(/^\//, "");
      return { container, story: await storyOf(engine, id, bad) };
    }
  }
  return undefined;
}

function badStateOf(seen: Docker.ContainerInspectInfo): string | undefined {
  const { Status, ExitCode, OOMKilled, Health, Error: obstacle } = seen.State;
  const restarts = (seen as { RestartCount?: number }).RestartCount ?? 0;
  if (OOMKilled) return `state ${Status}, exit code ${ExitCode}, OOMKilled`;
  if (Status === "exited" || Status === "dead") return `state ${Status}, exit code ${ExitCode}`;
  if (Status === "created" && obstacle) return `state created, it could not be started: ${obstacle}`;
  if (restarts >= 2) return `state ${Status}, restarted ${restarts} times, last exit code ${ExitCode}`;
  if (Health?.Status === "unhealthy") return `state ${Status}, unhealthy`;
  return undefined;
}

async function storyOf(engine: Docker, id: string, state: string): Promise<string> {
  const raw = await engine.getContainer(id).logs({ stdout: true, stderr: true, tail: 15 });
  const log = redacted(demultiplexed(raw));
  const known = diagnose(`${log}\n${state}`);
  const lines = log
    .trimEnd()
    .split("\n")
    .map((line) => `  | ${line.slice(0, 300)}`);
  const verdict = known === undefined ? [] : [`cause: ${known.cause}`, `remedy: ${known.remedy}`];
  const story = log.trim() === "" ? ["it has written nothing"] : ["its last lines:", ...lines];
  return [...story, `seen: ${state}`, ...verdict].join("\n");
}

/** Without a terminal, Docker puts a header of 8 bytes before each piece of output; its last 4 hold the length. */
function demultiplexed(raw: Buffer): string {
  const pieces: string[] = [];
  let at = 0;
  while (at + 8 <= raw.length) {
    const length = raw.readUInt32BE(at + 4);
    pieces.push(raw.toString("utf8", at + 8, at + 8 + length));
    at += 8 + length;
  }
  return pieces.join("");
}
