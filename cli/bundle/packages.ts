import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../core/places";
import type { Tools } from "../core/tools";
import { missing, type Part } from "./part";
import { run } from "./run";

const NODE_EXAMPLE = join(ROOT, "examples", "node");
const PYTHON_EXAMPLE = join(ROOT, "examples", "python");

/** Registry of npm as it is set here, without credentials: the packages are found in a cache under its address. */
export async function npmRegistry(): Promise<string> {
  const url = new URL((await run("npm", ["config", "get", "registry"], ROOT)).trim());
  url.username = "";
  url.password = "";
  return url.href;
}

/** The npm packages of the project and of the Node example, as a cache for `npm ci --offline`. */
export async function npmPart(registry: string): Promise<Part> {
  const name = "npm packages, Node SDK among them";
  const refusal = await unreached(registry);
  if (refusal !== undefined) return missing(name, `the registry is not reached (${refusal})`);
  const gather = async (folder: string): Promise<void> => {
    const cache = join(folder, "npm-cache");
    for (const project of [ROOT, NODE_EXAMPLE]) await fillCache(project, cache);
    for (const other of readdirSync(cache)) {
      if (other !== "_cacache") rmSync(join(cache, other), { recursive: true, force: true });
    }
    await run("tar", ["-cf", "npm-cache.tar", "npm-cache"], folder);
    rmSync(cache, { recursive: true, force: true });
  };
  return { name, state: "real", detail: `by both package-lock.json, for ${process.platform}-${process.arch}`, gather };
}

/** By a real install elsewhere: it asks for exactly what the install without internet will ask for. */
async function fillCache(project: string, cache: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bundle-npm-"));
  try {
    for (const file of ["package.json", "package-lock.json", ".npmrc"]) {
      if (existsSync(join(project, file))) copyFileSync(join(project, file), join(folder, file));
    }
    const settings = ["--include=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    await run("npm", ["ci", "--cache", cache, ...settings], folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The Python packages of the example, the SDK among them, and those of its tests, as wheels. */
export function pythonParts(tools: Tools): Part[] {
  const lists = [
    { name: "Python packages, Python SDK among them", file: "requirements.txt" },
    { name: "Python packages of the tests", file: "requirements-dev.txt" },
  ];
  const { python } = tools;
  return lists.map(({ name, file }) =>
    python === undefined || python === null
      ? missing(name, "no Python 3.11 or newer on this machine")
      : {
          name,
          state: "real",
          detail: `by examples/python/${file}, for Python ${python.version}`,
          gather: (folder: string) => downloadWheels(python.path, join(PYTHON_EXAMPLE, file), join(folder, "wheels")),
        },
  );
}

async function downloadWheels(python: string, requirements: string, wheels: string): Promise<void> {
  mkdirSync(wheels, { recursive: true });
  const settings = ["--disable-pip-version-check", "--only-binary", ":all:", "--dest", wheels];
  await run(python, ["-m", "pip", "download", ...settings, "-r", requirements], ROOT);
}

/** @returns why not; nothing when it answers, whatever it says. */
async function unreached(url: string): Promise<string | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    await answer.body?.cancel();
    return undefined;
  } catch (thrown) {
    const { cause, message } = thrown as { cause?: { code?: string }; message: string };
    return cause?.code ?? message;
  }
}
