// Other programs: finding them, asking them, and running them with their output in a log file.
import { spawn } from "node:child_process";
import { accessSync, constants, createWriteStream, mkdirSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { once } from "node:events";
import { SetupFailure } from "./failure.mjs";
import { trackChild } from "./lock.mjs";

const KEPT_LINES = 400;
const lastLines = (lines) => lines.slice(-15);

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Where a program is on PATH.
 * @param without a folder that is passed over, with those below it
 * @returns its absolute path, or undefined
 */
export function which(name, env = process.env, without) {
  return (env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "" && !(without && `${folder}/`.startsWith(`${without}/`)))
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/**
 * Runs a short command for its output.
 * @param options `timeout` in milliseconds (default 20 s), `env`, `cwd`
 * @returns `status` (null when it could not run or took too long) and `output`, stdout and stderr together
 */
export async function capture(command, words, options = {}) {
  const child = spawn(command, words, {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: options.timeout ?? 20_000,
    killSignal: "SIGKILL",
    env: options.env ?? process.env,
    cwd: options.cwd,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ status: null, output: error.message }));
    child.once("close", (status) => resolve({ status, output }));
  });
}

/**
 * Runs a long command to its end with all its output in a log file.
 * @param options `log` file, `cwd`, `env`, `onLine` (gets each line), `timeout` in milliseconds (default none), `telling`
 * (picks the lines of the output that tell why it failed; default the last 15)
 * @throws SetupFailure with those lines when it does not end with 0
 */
export async function runLogged(command, words, options) {
  mkdirSync(dirname(options.log), { recursive: true, mode: 0o700 });
  const log = createWriteStream(options.log, { mode: 0o600 });
  log.write(`$ ${[command, ...words].join(" ")}\n`);
  const child = spawn(command, words, {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: options.cwd,
    env: options.env ?? process.env,
    timeout: options.timeout,
  });
  trackChild(child);
  const lines = [];
  const take = (data) => {
    log.write(data);
    for (const line of String(data).split("\n")) if (line.trim() !== "") keep(line);
  };
  const keep = (line) => {
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
    options.onLine?.(line);
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const end = await new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (status, signal) => resolve(signal ? `ended by ${signal}` : status));
  });
  log.end();
  await once(log, "close");
  if (end === 0) return;
  const how = typeof end === "number" ? `exit status ${end}` : end;
  throw new SetupFailure(
    `${command} ${words[0]} failed (${how}):\n  ${(options.telling ?? lastLines)(lines).join("\n  ")}`,
    [`All of its output is in ${options.log}`],
  );
}
