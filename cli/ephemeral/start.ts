import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { parseDotenv } from "../core/consumers";
import { Failure } from "../core/failure";
import { ROOT } from "../core/places";
import { askPulumi, ensureStack, stackOutputs } from "../core/pulumi";
import { requireRealParts, type Workspace } from "../core/workspace";
import { environmentFileOf, newName, stackFileOf, workspaceOf, writeInstance, type Instance } from "./instance";
import { claimPort } from "./port";
import { removeInstance } from "./reap";

export interface Wish {
  target: "sandbox" | "docker";
  /** Milliseconds. */
  lifetime: number;
  /** From the folder in which the command was given; nothing = the project's own. */
  blueprint: string | undefined;
  /** Further settings of the stack, without secrets. */
  config: { [key: string]: string };
  /** Secrets that the blueprint takes from the configuration. */
  values: { [name: string]: string };
}

/** What a test needs to know; the credentials are in the file. */
export interface Started {
  name: string;
  target: string;
  url: string;
  expires: string;
  environmentFile: string;
  seconds: number;
}

/**
 * Starts an Infisical with a blueprint, under a name and on a port that nothing else has.
 * @throws Failure with Pulumi's last words when it does not come up; nothing of it is left then.
 */
export async function startInstance(wish: Wish): Promise<Started> {
  const began = Date.now();
  const instance: Instance = {
    name: newName(),
    target: wish.target,
    port: await claimPort(),
    expires: new Date(began + wish.lifetime).toISOString(),
    ...(wish.config["server.dockerHost"] === undefined ? {} : { dockerHost: wish.config["server.dockerHost"] }),
  };
  writeInstance(instance);
  try {
    const outputs = await bringUp(instance, wish);
    const environmentFile = environmentFileOf(instance.name);
    const environment = parseDotenv(String(outputs.dotenv ?? ""));
    writeFileSync(environmentFile, `${JSON.stringify(environment, undefined, 2)}\n`, { mode: 0o600 });
    const { name, target, expires } = instance;
    const seconds = Math.round((Date.now() - began) / 100) / 10;
    return { name, target, url: String(outputs.url), expires, environmentFile, seconds };
  } catch (thrown) {
    await removeInstance(instance);
    throw thrown;
  }
}

async function bringUp(instance: Instance, wish: Wish): Promise<{ [name: string]: unknown }> {
  // Quoted: Pulumi would read a time without quotes as one, and give it back in another form.
  const file = stringify({ config: configOf(instance, wish) }, { defaultStringType: "QUOTE_DOUBLE" });
  writeFileSync(stackFileOf(instance.name), file, { mode: 0o600 });
  const workspace = workspaceOf(instance);
  requireRealParts(workspace);
  await ensureStack(workspace);
  for (const [name, value] of Object.entries(wish.values)) await setSecret(workspace, name, value);
  const { code, stdout, stderr } = await askPulumi(workspace, ["up", "--yes", "--skip-preview"], true);
  if (code !== 0) {
    const lines = `${stdout}\n${stderr}`.split("\n").filter((line) => line.trim() !== "");
    throw new Failure(`${instance.name} did not come up (exit code ${code}):\n${lines.slice(-15).join("\n")}`, code);
  }
  return stackOutputs(workspace);
}

function configOf(instance: Instance, wish: Wish): { [key: string]: string } {
  const settings: { [key: string]: string } = {
    ...wish.config,
    target: instance.target,
    "server.port": String(instance.port),
    "server.expires": instance.expires,
    ...(wish.blueprint === undefined ? {} : { blueprint: resolve(process.env.INIT_CWD ?? ROOT, wish.blueprint) }),
  };
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [`infisical:${key}`, value]));
}

/** By standard input: a command line can be read by everybody on the machine. */
async function setSecret(workspace: Workspace, name: string, value: string): Promise<void> {
  const args = ["config", "set", "--secret", name, "--config-file", workspace.configFile ?? ""];
  const running = promisify(execFile)("pulumi", args, { cwd: ROOT, env: workspace.env });
  running.child.stdin?.end(value);
  await running;
}
