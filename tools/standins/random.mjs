// Stand-in for the `random` plugin, for machines that cannot download the real one. It draws from the system's generator
// and keeps the real plugin's names and state shape, with one exception that says so itself: no bcrypt hash is computed.
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { isProgram, leaveWithParent } from "./plugin-process.mjs";
import { changedNames, holdsUnknown, plain, refuseUnknownInputs, typeOf } from "./values.mjs";

const require = createRequire(import.meta.url);

/** Version of the real plugin whose behaviour this follows. */
export const FOLLOWS = "4.21.2";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const NUMERIC = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";
const NO_HASH = "not a hash: the stand-in random plugin computes none";

const TEXT_DEFAULTS = {
  lower: true,
  upper: true,
  numeric: true,
  special: true,
  minLower: 0,
  minUpper: 0,
  minNumeric: 0,
  minSpecial: 0,
};
const TEXT_INPUTS = ["keepers", "length", "overrideSpecial", "number", ...Object.keys(TEXT_DEFAULTS)];

/** A copy of `items` in random order (Fisher and Yates). */
function shuffled(items) {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

const draw = (characters, count) => Array.from({ length: count }, () => characters[randomInt(characters.length)]);

function groups(settings) {
  return [
    { characters: LOWER, on: settings.lower, least: settings.minLower },
    { characters: UPPER, on: settings.upper, least: settings.minUpper },
    { characters: NUMERIC, on: settings.numeric, least: settings.minNumeric },
    { characters: settings.overrideSpecial || SPECIAL, on: settings.special, least: settings.minSpecial },
  ];
}

/** `numeric` has an older name, `number`; the real plugin keeps both in state with the same value. */
function textSettings(inputs) {
  const given = plain(inputs);
  const numeric = given.numeric ?? given.number ?? TEXT_DEFAULTS.numeric;
  return { ...TEXT_DEFAULTS, ...given, numeric, number: numeric };
}

/** Random text by the rules of `RandomPassword` and `RandomString`. */
export function randomText(inputs) {
  const settings = textSettings(inputs);
  const parts = groups(settings);
  const required = parts.flatMap((part) => draw(part.characters, part.least));
  const all = parts.filter((part) => part.on).map((part) => part.characters);
  return shuffled([...required, ...draw(all.join(""), settings.length - required.length)]).join("");
}

function textFailures(inputs) {
  const settings = textSettings(inputs);
  const least = groups(settings).reduce((sum, part) => sum + part.least, 0);
  if (!(settings.length >= Math.max(1, least)))
    return [{ property: "length", reason: `must be at least ${Math.max(1, least)}, the sum of the minimums` }];
  const nothingToDrawFrom = least < settings.length && !groups(settings).some((part) => part.on);
  return nothingToDrawFrom ? [{ property: "length", reason: "no group of characters is switched on" }] : [];
}

function textState(inputs, extra) {
  const { numeric, number } = textSettings(inputs);
  return { ...TEXT_DEFAULTS, ...inputs, numeric, number, ...extra };
}

const KINDS = {
  // The real plugin's id of RandomBytes is the secret itself, in clear in the state. Kept, or tests could not see it.
  "random:index/randomBytes:RandomBytes": {
    inputs: ["length", "keepers"],
    failures: (inputs) => (plain(inputs.length) >= 1 ? [] : [{ property: "length", reason: "must be at least 1" }]),
    effective: (inputs) => inputs,
    create(inputs) {
      const bytes = randomBytes(plain(inputs.length));
      const base64 = bytes.toString("base64");
      return { id: base64, outs: { ...inputs, base64, hex: bytes.toString("hex") } };
    },
  },
  "random:index/randomPassword:RandomPassword": {
    inputs: TEXT_INPUTS,
    failures: textFailures,
    effective: (inputs) => textState(inputs),
    create: (inputs) => ({
      id: "none",
      outs: textState(inputs, { result: randomText(inputs), bcryptHash: NO_HASH }),
    }),
  },
  "random:index/randomString:RandomString": {
    inputs: TEXT_INPUTS,
    failures: textFailures,
    effective: (inputs) => textState(inputs),
    create(inputs) {
      const result = randomText(inputs);
      return { id: result, outs: textState(inputs, { result }) };
    },
  },
  "random:index/randomUuid:RandomUuid": {
    inputs: ["keepers"],
    failures: () => [],
    effective: (inputs) => inputs,
    create(inputs) {
      const result = randomUUID();
      return { id: result, outs: { ...inputs, result } };
    },
  },
};

function kindOf(urn) {
  const kind = KINDS[typeOf(urn)];
  if (kind === undefined)
    throw new Error(`the stand-in random plugin has no ${typeOf(urn)}: install the real plugin (random ${FOLLOWS})`);
  return kind;
}

/** The provider in the shape of `@pulumi/pulumi/provider`. */
export const provider = {
  version: `${FOLLOWS}+standin`,
  schema: JSON.stringify({ name: "random", version: FOLLOWS, description: "Stand-in, not the real plugin" }),

  async check(urn, _before, inputs) {
    const kind = kindOf(urn);
    const refused = refuseUnknownInputs(typeOf(urn), inputs, kind.inputs);
    const failures = refused.length > 0 || holdsUnknown(inputs) ? refused : kind.failures(inputs);
    return { inputs, failures };
  },

  async diff(_id, urn, state, inputs) {
    const kind = kindOf(urn);
    const replaces = changedNames(kind.effective(state), kind.effective(inputs), kind.inputs);
    return { changes: replaces.length > 0, replaces };
  },

  async create(urn, inputs) {
    return kindOf(urn).create(inputs);
  },
};

if (isProgram(import.meta.url)) {
  leaveWithParent();
  require("@pulumi/pulumi/provider").main(provider, process.argv.slice(2));
}
