// Provider plugins and the language host: what the machine has, else installed by Pulumi, else built, else a stand-in.
import { existsSync, lstatSync, mkdirSync, realpathSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { lookup } from "node:dns/promises";
import { dirname, join } from "node:path";
import { SetupFailure } from "./failure.mjs";
import { buildFromModule } from "./go.mjs";
import { mustHave } from "./plan.mjs";
import { say, step } from "./progress.mjs";
import { runLogged, which } from "./run.mjs";
import { sourceOf, writeStandIns } from "./standins.mjs";
import { PLUGINS } from "./versions.mjs";

const HOST = "get.pulumi.com";
const LANGUAGE = "language-nodejs";
const DYNAMIC = "pulumi-resource-pulumi-nodejs";
const INSTALL_MILLISECONDS = 180_000;
const LOOKUP_MILLISECONDS = 3000;

const pluginProgram = (name) => `pulumi-resource-${name}`;

/** Where Pulumi keeps the plugin that it installed: path, or undefined when it has not. */
function installedByPulumi(name, env, home) {
  const folder = join(env.PULUMI_HOME || join(home, ".pulumi"), "plugins", `resource-${name}-v${PLUGINS[name]}`);
  const path = join(folder, pluginProgram(name));
  // Pulumi leaves this mark while it is still unpacking
  return existsSync(path) && !existsSync(`${folder}.partial`) ? path : undefined;
}

/** A program that came with this `pulumi`: beside it, or elsewhere on PATH when it is the machine's own. */
function partOfPulumi(program, pulumi, places, env) {
  const folders = [dirname(pulumi.path), dirname(realpathSync(pulumi.path))];
  const beside = folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
  return beside ?? (pulumi.from === "installed" ? which(program, env, places.local) : undefined);
}

/**
 * A real plugin that is there already, whoever put it there.
 * @param name `command`, `docker`, `random` or `language-nodejs`
 * @returns `{ version, from, path }` or undefined
 */
export function realPart(name, pulumi, places, env, home) {
  if (name === LANGUAGE) {
    const path = partOfPulumi("pulumi-language-nodejs", pulumi, places, env);
    return path && { version: pulumi.version, from: pulumi.from, path };
  }
  const version = PLUGINS[name];
  const installed = installedByPulumi(name, env, home);
  if (installed) return { version, from: "installed", path: installed };
  const built = join(places.bin, pluginProgram(name));
  return existsSync(built) ? { version, from: "built", path: built } : undefined;
}

/** Whether a download can work at all; with a proxy only Pulumi itself can tell. */
async function isHostKnown(env) {
  if (env.HTTPS_PROXY || env.https_proxy) return true;
  const late = new Promise((resolve) => setTimeout(resolve, LOOKUP_MILLISECONDS, false).unref());
  return Promise.race([
    lookup(HOST).then(
      () => true,
      () => false,
    ),
    late,
  ]);
}

async function installByPulumi(name, pulumi, places, env) {
  const words = ["plugin", "install", "resource", name, PLUGINS[name], "--non-interactive"];
  await step(`installing the plugin ${name} ${PLUGINS[name]} (pulumi plugin install)`, () =>
    runLogged(pulumi.path, words, {
      env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
      log: join(places.logs, `setup-plugin-${name}.log`),
      timeout: INSTALL_MILLISECONDS,
    }),
  );
}

async function buildCommandPlugin(places, env) {
  await buildFromModule(
    {
      name: "command",
      package: "github.com/pulumi/pulumi-command/provider/cmd/pulumi-resource-command",
      variables: [`github.com/pulumi/pulumi-command/provider/pkg/version.Version=${PLUGINS.command}`],
      // the module file names one version; Go adds the rest, checked against its checksum database
      flags: ["-mod=mod"],
      title: `building the plugin command ${PLUGINS.command} from its Go module (about 1 minute, once)`,
    },
    join(places.bin, pluginProgram("command")),
    places,
    env,
  );
}

/** Tries to get a missing real plugin; what cannot be had is said and left to the caller. */
async function obtain(name, pulumi, places, env, reachable) {
  const ways = [];
  if (name !== LANGUAGE && reachable) ways.push(() => installByPulumi(name, pulumi, places, env));
  if (name === "command") ways.push(() => buildCommandPlugin(places, env));
  for (const way of ways) {
    try {
      await way();
      return;
    } catch (error) {
      say(`the plugin ${name} cannot be had this way: ${error.message.split("\n").at(-1).trim()}`);
      for (const line of error.remedy ?? []) say(`  ${line}`);
    }
  }
}

function missingPlugins(names) {
  const list = names.map((name) => (name === LANGUAGE ? name : `${name} ${PLUGINS[name]}`)).join(", ");
  const remedy = names.includes(LANGUAGE)
    ? ["Install Pulumi itself (https://www.pulumi.com/docs/install/): its release carries language-nodejs"]
    : [];
  const plugins = names.filter((name) => name !== LANGUAGE);
  return new SetupFailure(`these parts of Pulumi are not on this machine and cannot be had from here: ${list}`, [
    ...remedy,
    ...plugins.map((name) => `Where there is internet: pulumi plugin install resource ${name} ${PLUGINS[name]}`),
    ...(plugins.length > 0 ? ["Then copy ~/.pulumi/plugins from there to here"] : []),
    "To try the project without them: npm run sandbox",
    "To use this project's stand-ins all the same, knowing that they are not the real ones: INFISICAL_STANDINS=1 npm run up",
  ]);
}

/** The dynamic provider's program comes with the npm package; a link puts it on PATH when Pulumi did not bring its own. */
export function ensureDynamicProvider(pulumi, places, env) {
  const link = join(places.bin, DYNAMIC);
  const bundled = partOfPulumi(DYNAMIC, pulumi, places, env);
  if (bundled && bundled !== link) return { version: pulumi.version, from: pulumi.from, path: bundled };
  if (lstatSync(link, { throwIfNoEntry: false }) === undefined || !existsSync(link)) {
    mkdirSync(places.bin, { recursive: true });
    const draft = `${link}.${process.pid}.new`;
    rmSync(draft, { force: true });
    symlinkSync(join("..", "..", "node_modules", "@pulumi", "pulumi", DYNAMIC), draft);
    renameSync(draft, link);
  }
  return { version: pulumi.version, from: "npm", path: link };
}

/**
 * Finds or gets every plugin.
 * @param pulumi what `ensurePulumi` returned
 * @param plan what `planFor` returned
 * @param earlier parts that an earlier set-up recorded, for the rule "kept"
 * @returns parts by name: `{ version, from, path }`; `from` is "installed", "downloaded", "built", "stand-in" or "missing"
 * @throws SetupFailure when a real one is required and cannot be had
 */
export async function ensurePlugins(pulumi, plan, earlier, places, env, home) {
  const names = [...Object.keys(PLUGINS), LANGUAGE];
  const find = (name) => realPart(name, pulumi, places, env, home);
  const absent = names.filter((name) => !find(name));
  // Set by the loader of a bundle, on a machine where looking takes time and finds nothing.
  if (absent.length > 0 && env.INFISICAL_OFFLINE !== "1") {
    const reachable = await isHostKnown(env);
    for (const name of absent) await obtain(name, pulumi, places, env, reachable);
  }
  const parts = Object.fromEntries(names.map((name) => [name, find(name)]).filter(([, part]) => part));
  const missing = names.filter((name) => !parts[name]);
  const replaceable = (name) =>
    sourceOf(name, places.root) !== undefined &&
    (plan.standIns === "allowed" || (plan.standIns === "kept" && earlier[name]?.from === "stand-in"));
  const replaced = missing.filter(replaceable);
  const lost = missing.filter((name) => !replaced.includes(name));
  if (lost.length > 0 && mustHave(plan, earlier)) throw missingPlugins(lost);
  for (const [name, path] of writeStandIns(replaced, places))
    parts[name] = { version: PLUGINS[name] ?? pulumi.version, from: "stand-in", path };
  for (const name of lost) parts[name] = { version: PLUGINS[name] ?? pulumi.version, from: "missing" };
  return parts;
}
