// What the example applications need: npm packages for the one, a Python environment for the other.
import { join } from "node:path";
import { SetupFailure } from "./failure.mjs";
import { arePackagesReady, ensurePackages } from "./packages.mjs";
import { say } from "./progress.mjs";
import { ensureEnvironment, findPython, isEnvironmentReady } from "./python.mjs";
import { PYTHON } from "./versions.mjs";

const nodeExample = (places) => join(places.root, "examples", "node");
const requirements = (places, list = "requirements.txt") => ["-r", join(places.root, "examples", "python", list)];

/** Tests of the examples need more than the examples do, so they have an environment of their own. */
const testRequirements = (places) => requirements(places, "requirements-dev.txt");

/** True when there is nothing to do; a machine without Python stays as it is until its PATH changes. */
export function areExamplesReady(record, places, env, withTests) {
  const pythonReady =
    isEnvironmentReady(places.venv, requirements(places)) &&
    (!withTests || isEnvironmentReady(places.testVenv, testRequirements(places)));
  const noPython = record?.python === null && record.pathOfPython === (env.PATH ?? "");
  return (pythonReady || noPython) && arePackagesReady(nodeExample(places));
}

/**
 * Installs both, and what their tests need when `withTests` is set. The tests alone insist on Python's part: everything
 * else does without it, and says so.
 * @returns `{ version, path }` of the Python that is used, null (said once) when the machine has none, undefined when its
 * packages cannot be had, which is tried again the next time
 */
export async function ensureExamples(places, env, withTests) {
  await ensurePackages(nodeExample(places), "the Node example", places.logs);
  const python = await findPython(env);
  if (python === undefined) {
    say(`no Python ${PYTHON.oldest.slice(0, 2).join(".")} or newer on PATH: the Python example will not be run`);
    return null;
  }
  const what = "Python packages for the Python example";
  try {
    await ensureEnvironment(places.venv, python.path, requirements(places), what, places.logs);
  } catch (error) {
    if (withTests || !(error instanceof SetupFailure)) throw error;
    for (const line of [error.message, ...error.remedy, "the Python example will not be run"]) say(line);
    return undefined;
  }
  if (withTests) {
    const tests = "Python packages for the Python example's tests";
    await ensureEnvironment(places.testVenv, python.path, testRequirements(places), tests, places.logs);
  }
  return python;
}
