// Property values as the engine sends them: secrets are wrapped in an object, values that a preview cannot know are a marker.
import { isDeepStrictEqual } from "node:util";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The value with every secret wrapper taken off, at any depth. */
export function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  if (value[SIGNATURE] === SECRET) return plain(value.value);
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, plain(entry)]));
}

/** True when any part of the value is not known before the run. */
export function holdsUnknown(value) {
  if (value === UNKNOWN) return true;
  return value !== null && typeof value === "object" && Object.values(value).some(holdsUnknown);
}

/** Names of properties that differ between two property objects, secrets compared by what they wrap. */
export function changedNames(before, after, names) {
  return names.filter((name) => !isDeepStrictEqual(plain(before[name]), plain(after[name])));
}

/**
 * Check failures for each input that a stand-in does not implement. A stand-in that took an input and ignored it would hide
 * a difference from the real plugin.
 * @param what name for the message, such as "random:index/randomBytes:RandomBytes"
 * @returns failures in the shape of Pulumi's `CheckResult`
 */
export function refuseUnknownInputs(what, inputs, implemented) {
  return Object.keys(inputs)
    .filter((name) => name !== "__defaults" && !implemented.includes(name))
    .map((property) => ({
      property,
      reason:
        `the stand-in plugin for ${what} does not implement the input "${property}" (it implements: ` +
        `${implemented.join(", ")}). Install the real plugin, or leave this input out.`,
    }));
}

/** The type token inside a resource's URN: `urn:pulumi:<stack>::<project>::<parents$type>::<name>`. */
export function typeOf(urn) {
  return urn.split("::")[2].split("$").at(-1);
}
