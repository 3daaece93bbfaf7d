import { join, resolve } from "node:path";

/** Folder of the project. */
export const ROOT = resolve(__dirname, "..", "..");

/** Everything that the commands make on this machine; git does not see it. */
export const LOCAL = join(ROOT, ".local");

export const STATE_FOLDER = join(LOCAL, "state");
export const PASSPHRASE_FILE = join(LOCAL, "passphrase");
/** Working copies of the stack files. */
export const STACKS_FOLDER = join(LOCAL, "stacks");
/** Texts of the dynamic providers, which take long to make. */
export const PROVIDER_CACHE = join(LOCAL, "cache", "providers");
export const TOOLS_RECORD = join(LOCAL, "tools.json");
