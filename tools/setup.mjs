// What every `npm run` command does first: sees that all it needs is there, and gets what is not. Without dependencies,
// because it runs before there are any. Says nothing when there is nothing to do; everything it makes is in `.local`
// and `node_modules`.
//   node tools/setup.mjs <command>
import { homedir } from "node:os";
import { ensurePulumi } from "./setup/cli.mjs";
import { areExamplesReady, ensureExamples } from "./setup/examples.mjs";
import { SetupFailure } from "./setup/failure.mjs";
import { withLock } from "./setup/lock.mjs";
import { arePackagesReady, ensurePackages } from "./setup/packages.mjs";
import { ensureBackend, isBackendReady } from "./setup/passphrase.mjs";
import { places } from "./setup/places.mjs";
import { planFor } from "./setup/plan.mjs";
import { ensureDynamicProvider, ensurePlugins } from "./setup/plugins.mjs";
import { say } from "./setup/progress.mjs";
import { isRecordGood, readRecord, writeRecord } from "./setup/record.mjs";

const env = process.env;
const home = homedir();

function isReady(plan) {
  const record = readRecord(places);
  return (
    arePackagesReady(places.root) &&
    (!plan.examples || areExamplesReady(record, places, env, plan.exampleTests)) &&
    (!plan.pulumi || (isBackendReady(places, env, home) && isRecordGood(record, plan, places, env, home)))
  );
}

async function ensureParts(plan) {
  const pulumi = await ensurePulumi(places, env);
  const plugins = await ensurePlugins(pulumi, plan, readRecord(places)?.parts ?? {}, places, env, home);
  ensureBackend(places, env, home);
  return { pulumi, ...plugins };
}

async function ensureLibraries(plan) {
  await ensurePackages(places.root, "the project", places.logs);
  return plan.examples ? ensureExamples(places, env, plan.exampleTests) : readRecord(places)?.python;
}

/** All parts at once: the long build uses the time of the downloads. The first failure is reported when all have ended. */
async function ensureAll(plan) {
  const work = [ensureLibraries(plan), plan.pulumi ? ensureParts(plan) : undefined];
  const [libraries, tools] = await Promise.allSettled(work);
  const failed = [libraries, tools].find((outcome) => outcome.status === "rejected");
  if (failed) throw failed.reason;
  const parts = tools.value;
  if (parts === undefined) return undefined;
  parts["pulumi-nodejs"] = ensureDynamicProvider(parts.pulumi, places, env);
  writeRecord(parts, libraries.value, places, env);
  return parts;
}

function summary(parts, since) {
  const seconds = Math.round((Date.now() - since) / 1000);
  const list = Object.entries(parts ?? {}).map(([name, part]) => `${name} ${part.version} (${part.from})`);
  return [`ready after ${seconds} s`, ...(list.length > 0 ? [list.join(", ")] : [])].join(": ");
}

async function main() {
  if (process.platform === "win32")
    throw new SetupFailure("this project's commands do not run on Windows itself", [
      "Use the Windows Subsystem for Linux: https://learn.microsoft.com/windows/wsl/install",
    ]);
  const plan = planFor(process.argv[2] ?? "up", env);
  if (isReady(plan)) return;
  const since = Date.now();
  await withLock(places.lock, async () => {
    if (isReady(plan)) return;
    say(summary(await ensureAll(plan), since));
  });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof SetupFailure)) throw error;
  say(error.message);
  for (const line of error.remedy) say(`  ${line}`);
  process.exitCode = 1;
}
