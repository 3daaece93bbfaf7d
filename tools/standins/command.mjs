// Stand-in for the `command` plugin, for machines that can neither download nor build the real one. It implements
// `command.local.Command` only, without assets and archives.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { isProgram, leaveWithParent } from "./plugin-process.mjs";
import { changedNames, plain, refuseUnknownInputs, typeOf } from "./values.mjs";

const require = createRequire(import.meta.url);

/** Version of the real plugin whose behaviour this follows. */
export const FOLLOWS = "1.2.1";

const COMMAND = "command:local:Command";
const INPUTS = [
  "create",
  "update",
  "delete",
  "triggers",
  "dir",
  "environment",
  "interpreter",
  "logging",
  "stdin",
  "addPreviousOutputInEnv",
];
let running = 0;
const LOGGED = { stdout: ["stdout"], stderr: ["stderr"], stdoutAndStderr: ["stdout", "stderr"], none: [] };

function environmentOf(settings, previous) {
  const environment = { ...process.env, ...settings.environment };
  if (settings.addPreviousOutputInEnv === false) return environment;
  if (previous.stdout) environment.PULUMI_COMMAND_STDOUT = previous.stdout;
  if (previous.stderr) environment.PULUMI_COMMAND_STDERR = previous.stderr;
  return environment;
}

/**
 * Runs one command to its end.
 * @param command text for the interpreter (`/bin/sh -c` unless set)
 * @param inputs the resource's inputs; secrets may be wrapped
 * @param previous outputs of the run before: `stdout` and `stderr`
 * @param report called with each line that is to be shown live
 * @returns `stdout` and `stderr` without their last line feed
 * @throws Error with the exit status, the command and all it wrote, when it did not end with 0
 */
export async function runCommand(command, inputs, previous, report) {
  const settings = plain(inputs);
  const [program, ...words] = settings.interpreter?.length ? settings.interpreter : ["/bin/sh", "-c"];
  const child = spawn(program, [...words, command], {
    cwd: settings.dir,
    env: environmentOf(settings, plain(previous)),
    stdio: ["pipe", "pipe", "pipe"],
  });
  const written = { stdout: "", stderr: "", both: "" };
  const live = LOGGED[settings.logging ?? "stdoutAndStderr"];
  for (const stream of ["stdout", "stderr"]) {
    child[stream].setEncoding("utf8").on("data", (text) => {
      written[stream] += text;
      written.both += text;
    });
    if (live.includes(stream)) createInterface({ input: child[stream] }).on("line", report);
  }
  child.stdin.on("error", () => {}); // the command may end without reading
  child.stdin.end(settings.stdin ?? "");
  running += 1;
  const end = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status, signal) => resolve(signal ? `signal: ${signal}` : `exit status ${status}`));
  }).finally(() => (running -= 1));
  if (end !== "exit status 0") throw new Error(`${end}: running ${JSON.stringify(command)}:\n${written.both}`);
  return { stdout: written.stdout.replace(/\n$/, ""), stderr: written.stderr.replace(/\n$/, "") };
}

const writtenBefore = (state) => ({ stdout: state.stdout ?? "", stderr: state.stderr ?? "" });

/** Sends lines to the engine, which shows them beside the resource while the command runs. */
function reporter(engineAddress) {
  const grpc = require("@grpc/grpc-js");
  const { EngineClient } = require("@pulumi/pulumi/proto/engine_grpc_pb.js");
  const { LogRequest, LogSeverity } = require("@pulumi/pulumi/proto/engine_pb.js");
  const engine = new EngineClient(engineAddress, grpc.credentials.createInsecure());
  return (urn) => (line) => {
    const entry = new LogRequest();
    entry.setSeverity(LogSeverity.INFO);
    entry.setUrn(urn);
    entry.setMessage(line);
    entry.setEphemeral(true);
    engine.log(entry, () => {}); // a line that could not be shown must not fail the command
  };
}

/**
 * The provider in the shape of `@pulumi/pulumi/provider`.
 * @param reportFor gives, for a URN, the function that shows a line
 */
export function commandProvider(reportFor) {
  const run = async (command, urn, inputs, previous) =>
    command === undefined
      ? { stdout: "", stderr: "", ...previous }
      : runCommand(plain(command), inputs, previous, reportFor(urn));

  return {
    version: `${FOLLOWS}+standin`,
    schema: JSON.stringify({ name: "command", version: FOLLOWS, description: "Stand-in, not the real plugin" }),

    async check(urn, _before, inputs) {
      if (typeOf(urn) !== COMMAND)
        throw new Error(
          `the stand-in command plugin has no ${typeOf(urn)}: install the real plugin (command ${FOLLOWS})`,
        );
      return { inputs, failures: refuseUnknownInputs(COMMAND, inputs, INPUTS) };
    },

    async diff(_id, _urn, state, inputs) {
      const changed = changedNames(state, inputs, INPUTS);
      return { changes: changed.length > 0, replaces: changed.filter((name) => name === "triggers") };
    },

    async create(urn, inputs) {
      const outputs = await run(inputs.create, urn, inputs, {});
      return { id: urn.split("::").at(-1) + randomBytes(4).toString("hex"), outs: { ...inputs, ...outputs } };
    },

    async update(_id, urn, state, inputs) {
      const outputs = await run(inputs.update ?? inputs.create, urn, inputs, writtenBefore(state));
      return { outs: { ...inputs, ...outputs } };
    },

    async delete(_id, urn, state) {
      await run(state.delete, urn, state, writtenBefore(state));
    },
  };
}

if (isProgram(import.meta.url)) {
  leaveWithParent(() => running > 0);
  const [engineAddress] = process.argv.slice(2);
  require("@pulumi/pulumi/provider").main(commandProvider(reporter(engineAddress)), process.argv.slice(2));
}
