// Where everything lives: all that the set-up makes is under `.local` in the project.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Paths below one project folder. */
export function placesOf(root) {
  const local = join(root, ".local");
  return {
    root,
    local,
    bin: join(local, "bin"),
    standIns: join(local, "bin", "standins"),
    build: join(local, "build"),
    downloads: join(local, "downloads"),
    distribution: join(local, "pulumi"),
    goEnvironment: join(local, "go"),
    venv: join(local, "venv"),
    testVenv: join(local, "venv-tests"),
    logs: join(local, "logs"),
    state: join(local, "state"),
    passphrase: join(local, "passphrase"),
    lock: join(local, "setup.lock"),
    record: join(local, "tools.json"),
  };
}

/** The project that this file belongs to. */
export const places = placesOf(join(dirname(fileURLToPath(import.meta.url)), "..", ".."));
