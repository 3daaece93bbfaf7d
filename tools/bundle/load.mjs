// Installs a bundle on a machine without internet. Needs Node.js (with npm), tar, for the Python example Python 3.11, and
// for the real server a Docker engine. Without dependencies: it lies in the bundle, next to the lock file.
//   node load.mjs [--into <folder>] [--check] [--images-only]
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, createReadStream, existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { request } from "node:http";
import { dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const HERE = dirname(fileURLToPath(import.meta.url));
const OLDEST_NODE = [20, 19];

class Refusal extends Error {}

const say = (text) => console.log(`load: ${text}`);

function readLock() {
  let lock;
  try {
    lock = JSON.parse(readFileSync(join(HERE, "bundle.lock.json"), "utf8"));
  } catch (error) {
    throw new Refusal(
      `bundle.lock.json next to this program cannot be read (${error.message}): unpack the archive again`,
    );
  }
  if (lock.format !== 1) throw new Refusal(`this bundle has format ${lock.format}, and this loader knows format 1`);
  return lock;
}

function checkMachine({ platform }) {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor))
    throw new Refusal(`Node.js ${OLDEST_NODE.join(".")} or newer is needed, and this is ${process.version}`);
  if (platform.os !== process.platform || platform.cpu !== process.arch)
    throw new Refusal(
      `the bundle is for ${platform.os}-${platform.cpu}, and this machine is ${process.platform}-${process.arch}: make one on such a machine`,
    );
}

async function sha256Of(file) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** Every file is there and as it was made, and there is no other. */
async function verify({ files }) {
  const wrong = [];
  for (const [path, { sha256 }] of Object.entries(files)) {
    const file = join(HERE, path);
    if (!existsSync(file)) wrong.push(`${path}: missing`);
    else if ((await sha256Of(file)) !== sha256) wrong.push(`${path}: not as it was made`);
  }
  for (const entry of readdirSync(HERE, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(HERE.length + 1);
    if (entry.isFile() && path !== "bundle.lock.json" && files[path] === undefined)
      wrong.push(`${path}: not in the lock file`);
  }
  if (wrong.length > 0) throw new Refusal(`the bundle is damaged; nothing was installed:\n  ${wrong.join("\n  ")}`);
  say(`${Object.keys(files).length} files are as bundle.lock.json says`);
}

function tellWhatIsNotReal({ parts }) {
  for (const { name, state, detail } of parts) {
    if (state === "stand-in") say(`stand-in, not the real thing: ${name} (${detail})`);
    if (state === "missing") say(`NOT in this bundle: ${name} (${detail})`);
  }
}

function run(command, words, options, what) {
  const { status, error, stdout, stderr } = spawnSync(command, words, {
    encoding: "utf8",
    maxBuffer: 64 << 20,
    ...options,
  });
  if (status === 0) return;
  const seen = error?.message ?? `${stdout ?? ""}\n${stderr ?? ""}`.trim().split("\n").slice(-15).join("\n  ");
  throw new Refusal(`${what} failed (exit code ${status}):\n  ${seen}`);
}

function install(lock, folder) {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Refusal(
      `${folder} is there already: name another folder by --into (state and passphrase of the old one stay in its .local)`,
    );
  const local = join(folder, ".local");
  mkdirSync(join(local, "bin"), { recursive: true });
  run("tar", ["-xf", join(HERE, "project.tar"), "-C", folder], {}, "unpacking the project");
  const tools = join(HERE, "tools");
  for (const name of existsSync(tools) ? readdirSync(tools) : []) {
    copyFileSync(join(tools, name), join(local, "bin", name));
    chmodSync(join(local, "bin", name), 0o755);
  }
  if (existsSync(join(HERE, "npm-cache.tar")))
    run("tar", ["-xf", join(HERE, "npm-cache.tar"), "-C", local], {}, "unpacking the npm packages");
  const wheels = join(HERE, "wheels");
  mkdirSync(join(local, "wheels"), { recursive: true });
  for (const name of existsSync(wheels) ? readdirSync(wheels) : [])
    copyFileSync(join(wheels, name), join(local, "wheels", name));
  copyFileSync(join(HERE, "bundle.lock.json"), join(local, "bundle.lock.json"));
  say(`the project is in ${folder}; now its packages (npm ci --offline, pip without an index)`);
  const env = {
    ...process.env,
    INFISICAL_OFFLINE: "1",
    npm_config_offline: "true",
    npm_config_cache: join(local, "npm-cache"),
    npm_config_registry: lock.npmRegistry,
    PIP_NO_INDEX: "1",
    PIP_FIND_LINKS: join(local, "wheels"),
    GOPROXY: "off",
  };
  run(process.execPath, ["tools/setup.mjs", "sandbox"], { cwd: folder, env, stdio: "inherit" }, "the set-up");
}

/** Docker's own API over its socket: the command line of Docker need not be there. */
function docker(method, path, body) {
  const host = process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock";
  const url = new URL(host);
  const where = url.protocol === "unix:" ? { socketPath: url.pathname } : { host: url.hostname, port: url.port };
  return new Promise((done, failed) => {
    const call = request(
      { ...where, method, path, headers: body ? { "content-type": "application/x-tar" } : {} },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (piece) => (text += piece));
        answer.once("end", () => done({ status: answer.statusCode, text }));
      },
    );
    call.once("error", failed);
    if (body) pipeline(createReadStream(body), call).catch(failed);
    else call.end();
  });
}

async function idOf(name) {
  const { status, text } = await docker("GET", `/images/${name}/json`);
  return status === 200 ? JSON.parse(text).Id : undefined;
}

/** Images that are there are left alone, also when they are others: a name may be in use. */
async function loadImages({ images }) {
  if (images.length === 0) return;
  const reached = await docker("GET", "/_ping").then(
    () => true,
    () => false,
  );
  if (!reached) return say("Docker is not reached, so no images were loaded. Later: node load.mjs --images-only");
  const before = await Promise.all(images.map(({ name }) => idOf(name)));
  const others = images.filter(({ id }, index) => before[index] !== undefined && before[index] !== id);
  if (others.length > 0)
    throw new Refusal(
      `this Docker has other images of these names; remove them, and run this again with --images-only: ${others.map(({ name }) => name).join(", ")}`,
    );
  if (before.every((id) => id !== undefined)) return say(`${images.length} images are there already, the very same`);
  const { status, text } = await docker("POST", "/images/load?quiet=1", join(HERE, "images.tar"));
  if (status !== 200 || /"error"/.test(text))
    throw new Refusal(`Docker does not take the images (status ${status}): ${text.slice(-300)}`);
  for (const { name, id } of images)
    if ((await idOf(name)) !== id) throw new Refusal(`image ${name} is not the one of the bundle after loading`);
  say(`${images.length} images loaded, by the ids in bundle.lock.json`);
}

async function main() {
  const { values } = parseArgs({
    options: { into: { type: "string" }, check: { type: "boolean" }, "images-only": { type: "boolean" } },
  });
  const folder = resolve(values.into ?? "infisical-stack");
  const lock = readLock();
  checkMachine(lock);
  await verify(lock);
  tellWhatIsNotReal(lock);
  if (values.check) return;
  if (!values["images-only"]) install(lock, folder);
  await loadImages(lock);
  if (values["images-only"]) return;
  const standIns = lock.parts.some(({ name, state }) => state === "stand-in" && name.startsWith("Pulumi"));
  say(`done. cd ${folder}; then npm run sandbox, or ${standIns ? "INFISICAL_STANDINS=1 " : ""}npm run up`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(`load: ${error.message}`);
  process.exitCode = 1;
}
