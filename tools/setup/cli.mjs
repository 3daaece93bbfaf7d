// The Pulumi command line: the machine's own, else the official release, else built from its Go module.
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { download, readText } from "./download.mjs";
import { SetupFailure } from "./failure.mjs";
import { buildFromModule } from "./go.mjs";
import { say, step } from "./progress.mjs";
import { capture, runLogged, which } from "./run.mjs";
import { PULUMI, atLeast, versionIn } from "./versions.mjs";

const RELEASES = "https://get.pulumi.com/releases/sdk";
const SYSTEMS = { linux: "linux", darwin: "darwin" };
const PROCESSORS = { x64: "x64", arm64: "arm64" };

/** Version of a `pulumi` program as text, or undefined when it does not run or is too old to be used. */
async function usableVersion(path, env) {
  const { status, output } = await capture(path, ["version"], { env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" } });
  const version = status === 0 ? versionIn(output) : undefined;
  return version && atLeast(version, PULUMI.oldest) ? version.join(".") : undefined;
}

/** The `pulumi` on the user's PATH, wherever the set-up's own may be: path or undefined. */
export const pulumiOnPath = (places, env) => which("pulumi", env, places.local);

/** Published SHA-256 of a release archive, or undefined when the release has no list of them. */
async function publishedChecksum(archive) {
  const list = await readText(`${RELEASES}/pulumi-${PULUMI.version}-checksums.txt`);
  const line = list?.split("\n").find((entry) => entry.trim().endsWith(archive));
  const sum = line?.trim().split(/\s+/)[0];
  return /^[0-9a-f]{64}$/.test(sum ?? "") ? sum : undefined;
}

/** Downloads and unpacks the official release, which carries the language host as well. */
async function downloadRelease(places) {
  const system = SYSTEMS[process.platform];
  const processor = PROCESSORS[process.arch];
  if (!system || !processor) throw new Error(`no release for ${process.platform} on ${process.arch}`);
  const archive = `pulumi-v${PULUMI.version}-${system}-${processor}.tar.gz`;
  const file = join(places.downloads, archive);
  await step(`downloading Pulumi ${PULUMI.version} from ${RELEASES}`, async (detail) => {
    const sha256 = await publishedChecksum(archive);
    const onBytes = (received, total) => detail(`${(received / 1e6).toFixed(0)} of ${(total / 1e6).toFixed(0)} MB`);
    await download(`${RELEASES}/${archive}`, file, { sha256, onBytes });
    if (sha256 === undefined) say("the release has no list of checksums; the archive is as HTTPS delivered it");
    const draft = join(places.build, `release-${process.pid}`);
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true });
    await runLogged("tar", ["-xzf", file, "-C", draft], { log: join(places.logs, "setup-unpack.log") });
    rmSync(places.distribution, { recursive: true, force: true });
    renameSync(join(draft, "pulumi"), places.distribution);
    rmSync(draft, { recursive: true, force: true });
    rmSync(file, { force: true });
  });
}

async function buildCommandLine(places, env) {
  await buildFromModule(
    {
      name: "pulumi",
      package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      variables: [`github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${PULUMI.version}`],
      title: `building Pulumi ${PULUMI.version} from its Go module (about 5 minutes, once)`,
    },
    join(places.bin, "pulumi"),
    places,
    env,
  );
}

/** What an earlier set-up has made, as `{ path, version, from }`, or undefined. */
async function madeBefore(places, env) {
  const candidates = [
    { path: join(places.distribution, "pulumi"), from: "downloaded" },
    { path: join(places.bin, "pulumi"), from: "built" },
  ];
  for (const { path, from } of candidates) {
    const version = existsSync(path) ? await usableVersion(path, env) : undefined;
    if (version) return { path, version, from };
  }
  return undefined;
}

/**
 * Finds or makes the Pulumi command line.
 * @returns `version`, `from` ("installed", "downloaded" or "built") and `path`
 * @throws SetupFailure naming what was tried
 */
export async function ensurePulumi(places, env) {
  const installed = pulumiOnPath(places, env);
  const version = installed && (await usableVersion(installed, env));
  if (version) return { version, from: "installed", path: installed };
  if (installed) say(`${installed} is older than ${PULUMI.oldest.join(".")} or does not run: left alone, not used`);
  const made = await madeBefore(places, env);
  if (made) return made;
  const reasons = [];
  for (const make of [downloadRelease, buildCommandLine]) {
    try {
      await make(places, env);
    } catch (error) {
      reasons.push(error.message);
      if (make === downloadRelease) say(`the official release cannot be had: ${error.message.split("\n")[0]}`);
      continue;
    }
    const result = await madeBefore(places, env);
    if (result) return result;
    reasons.push(`${make.name}: what came out does not run`);
  }
  throw new SetupFailure(`Pulumi ${PULUMI.version} cannot be had here:\n  ${reasons.join("\n  ")}`, [
    "Install it yourself (https://www.pulumi.com/docs/install/) so that `pulumi version` works, and run this again",
  ]);
}
