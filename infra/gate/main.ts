/**
 * Waits until Infisical answers. Started by the readiness gate of the stack; settings come by environment:
 * GATE_URL, GATE_TIMEOUT (seconds), GATE_CONTAINERS (ids), GATE_DOCKER_HOST. Exit code 0 = it answers.
 *
 * Progress goes to stderr: what is on stdout lies in the state, and would differ from run to run.
 */
import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "../api/fault";
import { ask, codeOf } from "../ask";
import { dockerEngine } from "../docker-engine";
import { diagnoseServer } from "./answers";
import { findFailure } from "./containers";

const HEALTH_PATHS = ["/api/v1/health", "/api/status"];

async function main(): Promise<number> {
  const url = process.env.GATE_URL ?? "";
  const timeout = Number(process.env.GATE_TIMEOUT ?? "300");
  const containers = (process.env.GATE_CONTAINERS ?? "").split(" ").filter((id) => /^[0-9a-f]{64}$/.test(id));
  const started = Date.now();
  const elapsed = (): number => Math.round((Date.now() - started) / 1_000);
  let told = -5;
  for (;;) {
    const answered = await firstAnswer(url);
    if (answered.path !== undefined) {
      console.error(`ready: ${answered.path} answers (${elapsed()} s)`);
      return 0;
    }
    const failure = await lookAt(containers);
    if (failure !== undefined) {
      console.error(`not ready: container ${failure.container}: ${failure.story}`);
      return 3;
    }
    if (elapsed() >= timeout) {
      console.error(`not ready: no good answer from ${url} in ${timeout} s; last seen: ${answered.seen}`);
      const known = await diagnoseServer(url);
      if (known !== undefined) console.error(`cause: ${known.cause}\nremedy: ${known.remedy}`);
      console.error("docker logs <container> tells more; infisical:server.readyTimeout sets the limit");
      return 4;
    }
    if (elapsed() - told >= 5) {
      told = elapsed();
      console.error(`waiting for ${url}: ${answered.seen} (${told} of at most ${timeout} s)`);
    }
    await pause(500);
  }
}

/** The first path that gives 200 with JSON; the web page answers anything outside /api with 200 and HTML. */
async function firstAnswer(url: string): Promise<{ path?: string; seen: string }> {
  let seen = "";
  for (const path of HEALTH_PATHS) {
    try {
      const { status, headers } = await ask(new URL(path, url), 5_000);
      const json = (headers["content-type"] ?? "").includes("json");
      if (status === 200 && json) return { path, seen: "" };
      seen = `${path} gives ${status}${json ? "" : ", not JSON"}`;
    } catch (thrown) {
      seen = codeOf(thrown);
    }
  }
  return { seen };
}

async function lookAt(containers: string[]): ReturnType<typeof findFailure> {
  if (containers.length === 0) return undefined;
  return findFailure(dockerEngine(process.env.GATE_DOCKER_HOST), containers);
}

main().then(
  (code) => process.exit(code),
  (thrown: unknown) => {
    console.error(`not ready: ${messageOf(thrown)}`);
    process.exit(5);
  },
);
