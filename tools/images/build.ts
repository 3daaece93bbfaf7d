/**
 * Makes images for machines without a container registry, under the names that the program asks for:
 * postgres:15-alpine and redis:7-alpine from Debian's packages, infisical/infisical from this project's sandbox.
 *
 *   node --import tsx tools/images/build.ts [postgres] [redis] [infisical]      (nothing named: all)
 *
 * Only what changed is built again. An image that somebody else made is never replaced.
 */
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type Docker from "dockerode";
import { ensureBase } from "./base.js";
import { bundleSandbox } from "./bundle.js";
import { buildImage, connect, imageState, removeSuperseded } from "./engine.js";
import { hashOf, hashOfFile } from "./hash.js";
import { copyNodeRuntime } from "./node-runtime.js";
import { startProgress, type Progress } from "./progress.js";
import { infisicalRecipe, markLine, nodeDockerfile, postgresRecipe, redisRecipe, type Recipe } from "./recipes.js";

const INFISICAL_VERSIONS = ["v0.159.22", "v0.159.23"];
const repository = resolve(__dirname, "..", "..");

type Outcome = "built" | "unchanged" | "left alone";

async function ensureRecipe(docker: Docker, recipe: Recipe, progress: Progress): Promise<Outcome> {
  const inputs = hashOf(recipe.dockerfile, ...Object.entries(recipe.files).flat());
  const state = await imageState(docker, recipe.name);
  if (state === "foreign") {
    progress.step(`${recipe.name}: this engine has an image of that name which is not a stand-in: left alone`);
    return "left alone";
  }
  if (state !== "absent" && state.inputs === inputs) {
    progress.step(`${recipe.name}: unchanged (${megabytes(state.bytes)})`);
    return "unchanged";
  }
  await inFolder(async (folder) => {
    await writeFile(join(folder, "Dockerfile"), recipe.dockerfile + markLine(inputs));
    for (const [name, text] of Object.entries(recipe.files)) {
      await writeFile(join(folder, name), text);
      await chmod(join(folder, name), name.endsWith(".sh") ? 0o755 : 0o644);
    }
    await buildImage(docker, recipe.name, folder, ["Dockerfile", ...Object.keys(recipe.files)]);
  });
  const built = await imageState(docker, recipe.name);
  progress.step(`${recipe.name}: built (${typeof built === "object" ? megabytes(built.bytes) : "?"})`);
  return "built";
}

async function ensureNode(docker: Docker, base: string, progress: Progress): Promise<string> {
  const dockerfile = nodeDockerfile(base);
  const inputs = hashOf(dockerfile, await hashOfFile(process.execPath));
  const name = `infisical-pulumi-stack/node:${inputs.slice(0, 12)}`;
  if (typeof (await imageState(docker, name)) === "object") return name;
  progress.step(`node: adding Node.js ${process.version} of this machine`);
  await inFolder(async (folder) => {
    await writeFile(join(folder, "Dockerfile"), dockerfile + markLine(inputs));
    const files = await copyNodeRuntime(folder);
    const folders = files.some((file) => file.startsWith("lib/")) ? [] : ["lib"];
    await buildImage(docker, name, folder, ["Dockerfile", ...files, ...folders]);
  });
  return name;
}

async function infisicalRecipes(docker: Docker, base: string, progress: Progress): Promise<Recipe[]> {
  const entry = process.env.SANDBOX_ENTRY ?? join(repository, "sandbox", "main.ts");
  if (!existsSync(entry)) throw new Error(`The Infisical stand-in is made from ${entry}, which does not exist.`);
  const bundle = await bundleSandbox(entry);
  const node = await ensureNode(docker, base, progress);
  return Promise.all(INFISICAL_VERSIONS.map((version) => infisicalRecipe(node, version, bundle)));
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "image-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

async function main(wanted: string[]): Promise<void> {
  const known = ["postgres", "redis", "infisical"];
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`Unknown image: ${unknown.join(", ")}. Known: ${known.join(", ")}.`);
  const asked = (name: string) => wanted.length === 0 || wanted.includes(name);
  const progress = startProgress();
  const docker = connect();
  await docker.ping().catch((error: unknown) => {
    const seen = error instanceof Error ? error.message : String(error);
    throw new Error(`No Docker engine answers (${seen}). Start one: node tools/docker-engine.mjs start`);
  });
  const base = await ensureBase(docker, join(repository, ".local", "images"), progress);
  const recipes: Recipe[] = [];
  if (asked("postgres")) recipes.push(await postgresRecipe(base));
  if (asked("redis")) recipes.push(await redisRecipe(base));
  if (asked("infisical")) recipes.push(...(await infisicalRecipes(docker, base, progress)));
  const outcomes: Outcome[] = [];
  for (const recipe of recipes) outcomes.push(await ensureRecipe(docker, recipe, progress));
  if (outcomes.includes("built")) await removeSuperseded(docker);
  const count = (outcome: Outcome) => outcomes.filter((each) => each === outcome).length;
  console.log(
    `images: ${count("built")} built, ${count("unchanged")} unchanged, ${count("left alone")} left alone, ${progress.seconds()} s`,
  );
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`images: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
