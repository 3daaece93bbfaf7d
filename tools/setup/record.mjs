// `.local/tools.json`: which parts are in use and where each is from. The commands read it for their PATH; the set-up reads
// it to see in a few milliseconds that there is nothing to do.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { pulumiOnPath } from "./cli.mjs";
import { mustHave } from "./plan.mjs";
import { realPart } from "./plugins.mjs";
import { sourceOf } from "./standins.mjs";
import { GO, PLUGINS, PULUMI } from "./versions.mjs";

const recipe = () => JSON.stringify([PULUMI, PLUGINS, GO]);

/** The record, or undefined when there is none that can be read. */
export function readRecord(places) {
  try {
    return JSON.parse(readFileSync(places.record, "utf8"));
  } catch {
    return undefined;
  }
}

const unique = (items) => [...new Set(items)];

/**
 * Writes the record.
 * @param parts by name: `{ version, from, path }`
 * @param python `{ version, path }` of the interpreter of the examples, null when the machine has none, undefined when
 * nobody has looked for it
 */
export function writeRecord(parts, python, places, env) {
  const standIns = Object.keys(parts).filter((name) => parts[name].from === "stand-in");
  const record = {
    recipe: recipe(),
    root: places.root,
    pulumiOnPath: pulumiOnPath(places, env) ?? null,
    parts,
    standIns,
    path: unique([dirname(parts.pulumi.path), places.bin]),
    standInPath: standIns.length > 0 ? [places.standIns] : [],
    python,
    pathOfPython: env.PATH ?? "",
  };
  mkdirSync(dirname(places.record), { recursive: true });
  const draft = `${places.record}.${process.pid}.new`;
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(draft, places.record);
}

/** True when the recorded parts are still there, still the best to be had without a download, and allowed by the plan. */
export function isRecordGood(record, plan, places, env, home) {
  if (record?.recipe !== recipe() || record.root !== places.root) return false;
  if (record.pulumiOnPath !== (pulumiOnPath(places, env) ?? null)) return false;
  if (!Object.values(record.parts).every((part) => part.path === undefined || existsSync(part.path))) return false;
  const real = (name) => realPart(name, record.parts.pulumi, places, env, home) !== undefined;
  return Object.entries(record.parts).every(([name, part]) => {
    if (part.from === "stand-in") return plan.standIns !== "refused" && !real(name);
    if (part.from !== "missing") return true;
    const standInCame = plan.standIns === "allowed" && sourceOf(name, places.root) !== undefined;
    return !real(name) && !standInCame && !mustHave(plan, record.parts);
  });
}
