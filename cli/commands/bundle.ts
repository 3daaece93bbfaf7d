import { copyFileSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { messageOf } from "../../infra/api/fault";
import { imageParts, imagesOf, type LockedImage } from "../bundle/images";
import { checksumsOf, lockedParts, sha256Of, type BundleLock } from "../bundle/lock";
import { npmPart, npmRegistry, pythonParts } from "../bundle/packages";
import type { Part } from "../bundle/part";
import { pulumiParts } from "../bundle/pulumi-parts";
import { run } from "../bundle/run";
import { sourceOfProject, type Source } from "../bundle/source";
import { Failure } from "../core/failure";
import { LOCAL, ROOT } from "../core/places";
import { stackFileOf } from "../core/stack-file";
import { Stopwatch, summarize } from "../core/summary";
import { openWorkspace, type Workspace } from "../core/workspace";

export interface BundleOptions {
  /** Only say what would be in it, and what not. */
  check?: boolean;
  json?: boolean;
  output?: string;
}

interface Contents {
  parts: Part[];
  source: Source;
  images: LockedImage[];
  registry: string;
}

/** Everything that a machine without internet needs, in one archive; what is not in it is named. */
export async function bundle(stack: string, options: BundleOptions): Promise<void> {
  const watch = new Stopwatch();
  const workspace = openWorkspace(stack);
  const contents = await contentsFor(workspace);
  const { parts } = contents;
  if (options.json === true) console.log(JSON.stringify(lockedParts(parts), undefined, 2));
  if (options.check === true) {
    if (options.json !== true) tell(parts);
    summarize("bundle", { ...figures(parts), seconds: watch.seconds });
    if (figures(parts).missing > 0) process.exitCode = 3;
    return;
  }
  const file = resolve(process.env.INIT_CWD ?? ROOT, options.output ?? join(LOCAL, "bundles", nameOf(contents)));
  const gathered = await write(contents, workspace, file);
  if (options.json !== true) tell(gathered);
  const sha256 = await sha256Of(file);
  writeFileSync(`${file}.sha256`, `${sha256}  ${basename(file)}\n`);
  console.log(`${file}\nsha256 ${sha256}`);
  console.log(`there: tar -xf ${basename(file)} && node ${FOLDER}/load.mjs`);
  summarize("bundle", { ...figures(gathered), megabytes: megabytes(file), seconds: watch.seconds });
}

const FOLDER = "infisical-bundle";
const megabytes = (file: string): number => Math.round(statSync(file).size / 1e6);

async function contentsFor(workspace: Workspace): Promise<Contents> {
  const images: LockedImage[] = [];
  const registry = await npmRegistry();
  const source = await sourceOfProject();
  const parts = [
    source.part,
    ...pulumiParts(workspace.tools),
    await npmPart(registry),
    ...pythonParts(workspace.tools),
    ...(await imageParts(imagesOf(stackFileOf(workspace)), images)),
  ];
  return { parts, source, images, registry };
}

/** @returns the parts as they came out: one that could not be gathered is missing. */
async function write(contents: Contents, { tools }: Workspace, file: string): Promise<Part[]> {
  const work = join(dirname(file), `.work-${process.pid}`);
  const folder = join(work, FOLDER);
  mkdirSync(folder, { recursive: true });
  try {
    const parts: Part[] = [];
    for (const part of contents.parts) parts.push(await gather(part, folder));
    if (parts[0]?.state === "missing") throw new Failure(`no bundle without ${parts[0].name}: ${parts[0].detail}`);
    copyFileSync(join(ROOT, "tools", "bundle", "load.mjs"), join(folder, "load.mjs"));
    const lock: BundleLock = {
      format: 1,
      made: new Date().toISOString(),
      commit: contents.source.commit,
      platform: { os: process.platform, cpu: process.arch, node: process.version, python: tools.python?.version },
      npmRegistry: contents.registry,
      parts: lockedParts(parts),
      images: contents.images,
      files: await checksumsOf(folder),
    };
    writeFileSync(join(folder, "bundle.lock.json"), `${JSON.stringify(lock, undefined, 2)}\n`);
    await run("tar", ["-cf", `${file}.part`, "-C", work, FOLDER], ROOT);
    renameSync(`${file}.part`, file);
    return parts;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function gather(part: Part, folder: string): Promise<Part> {
  if (part.gather === undefined) return part;
  console.log(`bundle: ${part.name} ...`);
  try {
    await part.gather(folder);
    return part;
  } catch (thrown) {
    const reason = messageOf(thrown);
    return { name: part.name, state: "missing", detail: `it could not be had: ${reason}` };
  }
}

function nameOf({ source }: Contents): string {
  return `infisical-bundle-${source.commit?.slice(0, 12) ?? "unknown"}-${process.platform}-${process.arch}.tar`;
}

function figures(parts: Part[]): { parts: number; "stand-ins": number; missing: number } {
  const count = (state: Part["state"]): number => parts.filter((part) => part.state === state).length;
  return { parts: parts.length, "stand-ins": count("stand-in"), missing: count("missing") };
}

function tell(parts: Part[]): void {
  const width = Math.max(...parts.map(({ name }) => name.length));
  for (const { name, state, detail } of parts) console.log(`${state.padEnd(8)}  ${name.padEnd(width)}  ${detail}`);
}
