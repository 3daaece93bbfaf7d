import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type Docker from "dockerode";
import { imageState, importImage } from "./engine.js";
import { hashOf } from "./hash.js";
import type { Progress } from "./progress.js";

const SUITE = "bookworm";
const MIRROR = process.env.DEBIAN_MIRROR ?? "http://deb.debian.org/debian";
const REPOSITORY = "infisical-pulumi-stack/base";
const PACKAGES = [
  "ca-certificates",
  "curl",
  "libnss-wrapper",
  "libstdc++6",
  "locales",
  "postgresql-15",
  "redis-server",
  "redis-tools",
  "wget",
];

// Nothing starts while packages are configured, no database cluster is made, and what an image does not need is not
// unpacked. Writes need not survive a power cut: the tree is thrown away.
const POLICY = "#!/bin/sh\nexit 101\n";
const CLUSTER = "create_main_cluster = false\n";
const DPKG = [
  "force-unsafe-io",
  "force-confold",
  "path-exclude=/usr/share/doc/*",
  "path-exclude=/usr/share/man/*",
  "path-exclude=/usr/share/locale/*",
  "",
].join("\n");

/**
 * Makes sure that the engine has the Debian image which all others build on, and returns its name.
 * The tree is kept as one tar file in `cacheFolder`, so that an engine which lost its images gets it back in seconds.
 */
export async function ensureBase(docker: Docker, cacheFolder: string, progress: Progress): Promise<string> {
  const setup = join(__dirname, "base-setup.sh");
  const inputs = hashOf(SUITE, PACKAGES.join(" "), DPKG, CLUSTER, POLICY, await readFile(setup, "utf8"));
  const tag = inputs.slice(0, 12);
  const name = `${REPOSITORY}:${tag}`;
  if (typeof (await imageState(docker, name)) === "object") {
    progress.step(`base: ${name} is there`);
    return name;
  }
  const tarFile = join(cacheFolder, `base-${tag}.tar`);
  if (!existsSync(tarFile)) await buildTree(tarFile, setup, cacheFolder, progress);
  progress.step(`base: importing ${tarFile}`);
  await importImage(docker, tarFile, REPOSITORY, tag, inputs);
  return name;
}

async function buildTree(tarFile: string, setup: string, cacheFolder: string, progress: Progress): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error("The base image is made by debootstrap, which needs root.");
  await mkdir(cacheFolder, { recursive: true });
  const root = await mkdtemp(join(tmpdir(), "debian-tree-"));
  try {
    await chmod(root, 0o755);
    progress.step(`base: debootstrap ${SUITE} from ${MIRROR} (about two minutes)`);
    const include = `--include=${PACKAGES.join(",")}`;
    await run("debootstrap", ["--foreign", "--variant=minbase", include, SUITE, root, MIRROR], progress);
    await prepareTree(root);
    progress.step("base: configuring the packages");
    await run("chroot", [root, "/debootstrap/debootstrap", "--second-stage"], progress);
    progress.step("base: users, locale, clean-up");
    await copyFile(setup, join(root, "tmp", "base-setup.sh"));
    await run("chroot", [root, "/bin/sh", "/tmp/base-setup.sh"], progress);
    await rm(join(root, "tmp", "base-setup.sh"));
    await run("tar", ["-C", root, "--one-file-system", "-cf", `${tarFile}.part`, "."], progress);
    await rename(`${tarFile}.part`, tarFile);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function prepareTree(root: string): Promise<void> {
  await mkdir(join(root, "etc/dpkg/dpkg.cfg.d"), { recursive: true });
  await mkdir(join(root, "etc/postgresql-common"), { recursive: true });
  await mkdir(join(root, "usr/sbin"), { recursive: true });
  await writeFile(join(root, "etc/dpkg/dpkg.cfg.d/stand-in"), DPKG);
  await writeFile(join(root, "etc/postgresql-common/createcluster.conf"), CLUSTER);
  await writeFile(join(root, "usr/sbin/policy-rc.d"), POLICY, { mode: 0o755 });
}

/** Runs a tool, shows what it is at now and then, and fails with its last lines. */
async function run(command: string, args: string[], progress: Progress): Promise<void> {
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: environment });
  const tail: string[] = [];
  const onLine = (line: string) => {
    tail.push(line);
    if (tail.length > 15) tail.shift();
    progress.detail(line.slice(0, 100));
  };
  createInterface({ input: child.stdout }).on("line", onLine);
  createInterface({ input: child.stderr }).on("line", onLine);
  const failure = await new Promise<string | undefined>((resolve) => {
    child.once("error", (error) =>
      resolve("code" in error && error.code === "ENOENT" ? `not found (apt-get install ${command})` : error.message),
    );
    child.once("close", (code) => resolve(code === 0 ? undefined : `exit code ${code}`));
  });
  if (failure) throw new Error(`${command} ${args.slice(0, 3).join(" ")}: ${failure}\n${tail.join("\n")}`);
}
