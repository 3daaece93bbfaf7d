import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { GeneratedPlan } from "../blueprint/schema";

/** Letters that are drawn from; `$` and `{` are in none, since Infisical takes them for a reference. */
const LETTERS: { [Charset in GeneratedPlan["charset"]]: Partial<random.RandomPasswordArgs> } = {
  alphanumeric: { special: false },
  hex: { lower: false, upper: false, numeric: false, special: true, overrideSpecial: "0123456789abcdef" },
  digits: { lower: false, upper: false, special: false },
  base64url: { special: true, overrideSpecial: "-_" },
  symbols: { special: true, overrideSpecial: "!@#%^*-_=+.:?" },
};

/**
 * A value that is made once. Another length, charset or generation in the blueprint makes another one; nothing else
 * does. RandomBytes would not do: it uses the value as its id, and an id lies in clear in the state.
 */
export function generateValue(
  name: string,
  { length, charset, generation }: GeneratedPlan,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const keepers = { generation: String(generation) };
  return new random.RandomPassword(name, { length, ...LETTERS[charset], keepers }, opts).result;
}
