// Small programs under the names that Pulumi looks for on PATH, each starting a stand-in of `tools/standins`. They lie in
// a folder of their own, which is put on PATH only for those who may use them.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

const PROGRAMS = {
  command: "pulumi-resource-command",
  docker: "pulumi-resource-docker",
  random: "pulumi-resource-random",
  "language-nodejs": "pulumi-language-nodejs",
};

const SOURCES = (name) => [`${name}.mjs`, `${name}/main.mjs`, `${name}/main.ts`];

/** File of a stand-in relative to `tools/standins`, or undefined when there is none for that part. */
export function sourceOf(name, root) {
  return SOURCES(name).find((file) => existsSync(join(root, "tools", "standins", file)));
}

function wrapperText(source) {
  const loader = source.endsWith(".ts") ? '--import "$root/node_modules/tsx/dist/loader.mjs" ' : "";
  return `#!/bin/sh
# Stand-in, not the real plugin: see tools/standins.
root=$(CDPATH= cd -- "$(dirname -- "$0")/../../.." && pwd)
exec node ${loader}"$root/tools/standins/${source}" "$@"
`;
}

/**
 * Makes the wrappers of exactly these parts; those of other parts are removed, or they would hide the real plugins.
 * @param names parts, such as `random`
 * @returns path of the wrapper by part
 */
export function writeStandIns(names, places) {
  mkdirSync(places.standIns, { recursive: true });
  const written = new Map();
  for (const name of names) {
    const path = join(places.standIns, PROGRAMS[name]);
    const text = wrapperText(sourceOf(name, places.root));
    if (!existsSync(path) || readFileSync(path, "utf8") !== text) {
      const draft = `${path}.${process.pid}.new`;
      writeFileSync(draft, text);
      chmodSync(draft, 0o755);
      renameSync(draft, path);
    }
    written.set(name, path);
  }
  const kept = new Set(written.values());
  for (const file of readdirSync(places.standIns)) {
    const path = join(places.standIns, file);
    if (!kept.has(path)) rmSync(path, { force: true });
  }
  return written;
}
