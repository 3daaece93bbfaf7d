// What the example applications need: npm packages for the one, a Python environment for the other.
import { join } from "node:path";
import { arePackagesReady, ensurePackages } from "./packages.mjs";
import { say } from "./progress.mjs";
import { ensureEnvironment, findPython, isEnvironmentReady } from "./python.mjs";
import { PYTHON } from "./versions.mjs";

const nodeExample = (places) => join(places.root, "examples", "node");
const requirements = (places) => ["-r", join(places.root, "examples", "python", "requirements.txt")];

/** True when there is nothing to do; a machine without Python stays as it is until its PATH changes. */
export function areExamplesReady(record, places, env) {
  const pythonReady =
    isEnvironmentReady(places.venv, requirements(places)) ||
    (record?.python === null && record.pathOfPython === (env.PATH ?? ""));
  return pythonReady && arePackagesReady(nodeExample(places));
}

/**
 * Installs both.
 * @returns `{ version, path }` of the Python that is used, or null (said once) when the machine has none
 */
export async function ensureExamples(places, env) {
  await ensurePackages(nodeExample(places), "the Node example", places.logs);
  const python = await findPython(env);
  if (python === undefined) {
    say(`no Python ${PYTHON.oldest.slice(0, 2).join(".")} or newer on PATH: the Python example will not be run`);
    return null;
  }
  const what = "Python packages for the Python example";
  await ensureEnvironment(places.venv, python.path, requirements(places), what, places.logs);
  return python;
}
