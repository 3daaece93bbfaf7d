import { execFileSync } from "node:child_process";
import Docker from "dockerode";
import { ROOT } from "../../cli/core/places";

let asked: Promise<Docker | undefined> | undefined;

/** The Docker engine of this machine (DOCKER_HOST, else the local socket), or nothing when none answers. */
export function dockerIfReached(): Promise<Docker | undefined> {
  asked ??= ping();
  return asked;
}

async function ping(): Promise<Docker | undefined> {
  const engine = new Docker();
  try {
    await engine.ping();
    return engine;
  } catch {
    return undefined;
  }
}

/** Images that the stack's defaults name. */
const IMAGES = ["infisical/infisical:v0.159.22", "postgres:15-alpine", "redis:7-alpine"];

/** Asks the engine from a process of its own, because suites have to be named before anything can be awaited. */
const PROBE = `
const Docker = require("dockerode");
const engine = new Docker();
const missing = async (image) => engine.getImage(image).inspect().then(() => [], () => [image]);
engine.ping().then(
  async () => console.log((await Promise.all(process.argv.slice(1).map(missing))).flat().join(" ")),
  () => console.log("no engine"),
);`;

/** Why tests on Docker cannot be run here; nothing when they can. */
export function dockerObstacle(): string | undefined {
  const options = { cwd: ROOT, encoding: "utf8", timeout: 30_000 } as const;
  const seen = execFileSync(process.execPath, ["-e", PROBE, ...IMAGES], options).trim();
  if (seen === "no engine") return "no Docker engine";
  return seen === "" ? undefined : `not on the Docker host: ${seen} (node --import tsx tools/images/build.ts)`;
}
