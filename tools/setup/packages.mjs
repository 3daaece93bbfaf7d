// npm packages, by the lock file next to each package.json.
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { SetupFailure } from "./failure.mjs";
import { step } from "./progress.mjs";
import { runLogged } from "./run.mjs";

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages ?? {};
  } catch {
    return undefined;
  }
}

/**
 * True when `node_modules` holds what the lock file says. npm writes its own record of what it installed as the last thing
 * it does, so an interrupted install has none; packages for other platforms are rightly missing from it.
 */
export function arePackagesReady(folder) {
  const wanted = packagesIn(join(folder, "package-lock.json"));
  const installed = packagesIn(join(folder, "node_modules", ".package-lock.json"));
  if (wanted === undefined || installed === undefined) return false;
  return Object.entries(wanted).every(
    ([path, entry]) => path === "" || entry.optional || installed[path]?.version === entry.version,
  );
}

/** npm says what is wrong first and then prints its help. */
function npmErrors(lines) {
  const errors = lines.filter((line) => /^npm (error|ERR!) \S/.test(line));
  return (errors.length > 0 ? errors : lines).slice(0, 8);
}

/**
 * `npm ci` in a folder, unless its packages are as the lock file says.
 * @param name what the packages are for, in messages
 */
export async function ensurePackages(folder, name, logs) {
  if (arePackagesReady(folder)) return;
  if (!existsSync(join(folder, "package-lock.json")))
    throw new SetupFailure(`${join(folder, "package-lock.json")} is missing: this is not a whole copy of the project`, [
      "Fetch it again: git checkout -- package-lock.json, or clone anew",
    ]);
  const npm = process.env.npm_execpath ?? "";
  const [command, words] = basename(npm) === "npm-cli.js" ? [process.execPath, [npm, "ci"]] : ["npm", ["ci"]];
  // Said in full, because `npm run -s` and NODE_ENV=production reach the npm that is started here through its environment.
  const settings = ["--include=dev", "--loglevel=warn", "--no-audit", "--no-fund"];
  await step(`installing npm packages for ${name} (npm ci)`, () =>
    runLogged(command, [...words, ...settings], {
      cwd: folder,
      telling: npmErrors,
      log: join(logs, `setup-npm-${name.replaceAll(" ", "-")}.log`),
    }),
  );
}
