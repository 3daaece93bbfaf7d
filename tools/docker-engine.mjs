// Starts, stops and reports a local Docker engine on a machine where nothing else does it (CI images, plain virtual
// machines without an init system). Plain Node, no dependencies: it runs before `npm ci`.
//
//   node tools/docker-engine.mjs start    uses an engine that answers already, else starts dockerd in the background
//   node tools/docker-engine.mjs stop     ends only the dockerd that `start` made
//   node tools/docker-engine.mjs status   exit 0 when an engine answers
import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const DEFAULT_SOCKET = "/var/run/docker.sock";
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 30_000;
const POLL_MS = 200;

const local = join(dirname(dirname(fileURLToPath(import.meta.url))), ".local");
const logFile = join(local, "logs", "dockerd.log");
const pidFile = join(local, "dockerd.pid");

class EngineError extends Error {}

/** Where this user's Docker client would look: a unix socket path, or the address of an engine elsewhere. */
function target() {
  const host = process.env.DOCKER_HOST;
  if (!host) return { socketPath: DEFAULT_SOCKET };
  if (host.startsWith("unix://")) return { socketPath: host.slice("unix://".length) };
  return { elsewhere: host };
}

function versionIn(text) {
  try {
    return String(JSON.parse(text).Version);
  } catch {
    return undefined;
  }
}

/** The engine's version, or undefined when nothing answers on the socket. */
function engineVersion(socketPath) {
  return new Promise((resolve) => {
    const call = request({ socketPath, path: "/version", timeout: 3000 }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part) => (text += part));
      answer.on("end", () => resolve(answer.statusCode === 200 ? versionIn(text) : undefined));
      answer.on("error", () => resolve(undefined));
    });
    call.on("timeout", () => call.destroy());
    call.on("error", () => resolve(undefined));
    call.end();
  });
}

function logTail() {
  if (!existsSync(logFile)) return "(no log)";
  return readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-12).join("\n");
}

/** The pid of the dockerd that `start` made, if it is alive and still a dockerd. */
function ownPid() {
  if (!existsSync(pidFile)) return undefined;
  const pid = Number(readFileSync(pidFile, "utf8"));
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "dockerd" ? pid : undefined;
  } catch {
    return undefined;
  }
}

function refuseWhereImpossible() {
  if (process.platform !== "linux") {
    throw new EngineError(
      "No Docker engine answers, and one can be started from here on Linux only. Start Docker Desktop.",
    );
  }
  if (spawnSync("dockerd", ["--version"], { stdio: "ignore" }).status !== 0) {
    throw new EngineError(
      "No Docker engine answers and `dockerd` is not on PATH. On Debian or Ubuntu: apt-get install docker.io",
    );
  }
  if (process.getuid?.() !== 0) {
    throw new EngineError(
      "No Docker engine answers and dockerd needs root. Start it: sudo node tools/docker-engine.mjs start",
    );
  }
}

function launch(socketPath) {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, "a", 0o600);
  const child = spawn("dockerd", ["--host", `unix://${socketPath}`], { detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  const ended = new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve(`exit ${code ?? signal}`));
    child.once("error", (error) => resolve(error.message));
  });
  child.unref();
  return { pid: child.pid, ended };
}

async function start() {
  const { socketPath, elsewhere } = target();
  if (elsewhere) {
    console.log(`DOCKER_HOST is ${elsewhere}: an engine elsewhere, nothing to start.`);
    return;
  }
  const running = await engineVersion(socketPath);
  if (running) {
    console.log(`Docker engine ${running} answers on ${socketPath}.`);
    return;
  }
  refuseWhereImpossible();
  console.log(`No Docker engine answers on ${socketPath}: starting dockerd (log: ${logFile}).`);
  const began = Date.now();
  const { pid, ended } = launch(socketPath);
  let death;
  void ended.then((how) => (death = how));
  while (Date.now() - began < START_LIMIT_MS) {
    const version = await engineVersion(socketPath);
    if (version) {
      writeFileSync(pidFile, `${pid}\n`);
      console.log(`Docker engine ${version} is up after ${((Date.now() - began) / 1000).toFixed(1)} s (pid ${pid}).`);
      return;
    }
    if (death)
      throw new EngineError(`dockerd ended before it answered (${death}). Last lines of ${logFile}:\n${logTail()}`);
    await delay(POLL_MS);
  }
  process.kill(pid, "SIGTERM");
  throw new EngineError(
    `dockerd did not answer within ${START_LIMIT_MS / 1000} s. Last lines of ${logFile}:\n${logTail()}`,
  );
}

async function stop() {
  const pid = ownPid();
  if (!pid) {
    console.log("No dockerd of ours is running.");
    return;
  }
  process.kill(pid, "SIGTERM");
  const began = Date.now();
  while (ownPid() && Date.now() - began < STOP_LIMIT_MS) await delay(POLL_MS);
  if (ownPid()) throw new EngineError(`dockerd (pid ${pid}) did not end within ${STOP_LIMIT_MS / 1000} s of SIGTERM.`);
  rmSync(pidFile, { force: true });
  console.log(`dockerd (pid ${pid}) has ended.`);
}

async function status() {
  const { socketPath, elsewhere } = target();
  if (elsewhere) {
    console.log(`DOCKER_HOST is ${elsewhere}; only local engines are looked at here.`);
    return;
  }
  const version = await engineVersion(socketPath);
  if (!version) throw new EngineError(`No Docker engine answers on ${socketPath}.`);
  console.log(
    `Docker engine ${version} answers on ${socketPath}${ownPid() ? ` (started by us, pid ${ownPid()})` : ""}.`,
  );
}

const commands = { start, stop, status };
const command = commands[process.argv[2] ?? ""];
if (!command) {
  console.error("usage: node tools/docker-engine.mjs start|stop|status");
  process.exit(2);
}
try {
  await command();
} catch (error) {
  console.error(error instanceof EngineError ? error.message : error);
  process.exit(1);
}
