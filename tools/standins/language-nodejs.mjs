// Stand-in for `pulumi-language-nodejs`, for machines that cannot download the real one. It starts the program through
// the same runner (`@pulumi/pulumi/cmd/run`) that the real language host uses, and answers nothing beyond running a program.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { isProgram, serve } from "./plugin-process.mjs";

const require = createRequire(import.meta.url);
const grpc = require("@grpc/grpc-js");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js");
const { PluginInfo } = require("@pulumi/pulumi/proto/plugin_pb.js");
const messages = require("@pulumi/pulumi/proto/language_pb.js");
const { LanguageRuntimeService } = require("@pulumi/pulumi/proto/language_grpc_pb.js");
const { version } = require("@pulumi/pulumi/version.js");

/** Exit status by which the runner says that it has told the user everything already. */
const ALREADY_REPORTED = 32;

/**
 * Command line of the runner for one request of the engine.
 * @param request `RunRequest` as a plain object
 * @param engineAddress `host:port` of the engine's log service
 */
export function runnerArguments(request, engineAddress) {
  const flags = {
    monitor: request.monitorAddress,
    engine: engineAddress,
    organization: request.organization,
    project: request.project,
    "root-directory": request.info?.rootDirectory,
    stack: request.stack,
    pwd: request.info?.programDirectory || request.pwd,
    parallel: String(request.parallel),
  };
  const given = Object.entries(flags).flatMap(([name, value]) => (value ? [`--${name}`, value] : []));
  if (request.dryrun) given.push("--dry-run");
  return [...given, request.info?.entryPoint || request.program || ".", ...request.argsList];
}

/** What the runner reads from its environment: configuration, which of it is secret, and how to load TypeScript. */
export function runnerEnvironment(request, options) {
  return {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.configMap)),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.configsecretkeysList),
    ...(options.typescript !== false && { PULUMI_NODEJS_TYPESCRIPT: "true" }),
    ...(options.tsconfig && { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig }),
  };
}

let engineAddress = process.argv.slice(2).find((word) => !word.startsWith("-")) ?? "";
let program;

function run(call, callback) {
  const request = call.request.toObject();
  const options = call.request.getInfo()?.getOptions()?.toJavaScript() ?? {};
  const nodeArguments = (options.nodeargs ?? "").split(" ").filter(Boolean);
  const runner = require.resolve("@pulumi/pulumi/cmd/run/index.js");
  program = spawn(process.execPath, [...nodeArguments, runner, ...runnerArguments(request, engineAddress)], {
    cwd: request.pwd || request.info?.programDirectory,
    env: { ...process.env, ...runnerEnvironment(request, options) },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const answer = new messages.RunResponse();
  program.once("error", (error) => callback(error));
  program.once("close", (status, signal) => {
    if (status === ALREADY_REPORTED) answer.setBail(true);
    else if (signal) answer.setError(`The program was ended by ${signal}`);
    else if (status !== 0) answer.setError(`The program ended with exit status ${status}`);
    callback(null, answer);
  });
}

/**
 * Command of a policy pack: the runner of its own `@pulumi/pulumi`, which gets the pack's folder last.
 * @param request `RunPluginRequest` as a plain object
 */
export function policyPackCommand(request, options) {
  const folder = request.info.programDirectory;
  const runner = createRequire(join(folder, "package.json")).resolve("@pulumi/pulumi/cmd/run-policy-pack/index.js");
  const nodeArguments = (options.nodeargs ?? "").split(" ").filter(Boolean);
  return [process.execPath, runner, ...nodeArguments, ...request.argsList, folder];
}

function runPlugin(call) {
  const request = call.request.toObject();
  if (request.kind !== "analyzer") {
    const details = `the stand-in language host runs policy packs only, and no plugin of kind ${request.kind}`;
    return call.emit("error", { code: grpc.status.UNIMPLEMENTED, details });
  }
  const options = call.request.getInfo()?.getOptions()?.toJavaScript() ?? {};
  const given = request.envList.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]);
  const typescript = options.typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" };
  const [command, ...commandArguments] = policyPackCommand(request, options);
  const pack = spawn(command, commandArguments, {
    // The pack looks for its package.json in the current folder.
    cwd: request.info.programDirectory,
    env: { ...process.env, ...Object.fromEntries(given), ...typescript },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const answer = () => new messages.RunPluginResponse();
  pack.stdout.on("data", (piece) => call.write(answer().setStdout(piece)));
  pack.stderr.on("data", (piece) => call.write(answer().setStderr(piece)));
  pack.once("error", (error) => call.emit("error", error));
  pack.once("close", (status) => {
    call.write(answer().setExitcode(status ?? 1));
    call.end();
  });
  call.on("cancelled", () => pack.kill());
}

function handshake(call, callback) {
  engineAddress = call.request.getEngineAddress() || engineAddress;
  callback(null, new messages.LanguageHandshakeResponse());
}

function about(_call, callback) {
  const answer = new messages.AboutResponse();
  answer.setExecutable(process.execPath);
  answer.setVersion(`${process.version} (stand-in language host)`);
  callback(null, answer);
}

const service = {
  handshake,
  run,
  runPlugin,
  about,
  // Providers are found on PATH or among the installed plugins when a resource asks for them; naming them here would make
  // the engine try a download first.
  getRequiredPlugins: (_call, callback) => callback(null, new messages.GetRequiredPluginsResponse()),
  getRequiredPackages: (_call, callback) => callback(null, new messages.GetRequiredPackagesResponse()),
  getPluginInfo: (_call, callback) => callback(null, new PluginInfo().setVersion(version)),
  runtimeOptionsPrompts: (_call, callback) => callback(null, new messages.RuntimeOptionsResponse()),
  getProgramDependencies: (_call, callback) => callback(null, new messages.GetProgramDependenciesResponse()),
  // `npm ci` has been run by the set-up.
  installDependencies: (call) => call.end(),
  cancel: (_call, callback) => {
    program?.kill("SIGINT");
    callback(null, new Empty());
  },
};

if (isProgram(import.meta.url)) await serve(grpc, LanguageRuntimeService, service);
