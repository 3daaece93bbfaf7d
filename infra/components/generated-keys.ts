import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/** Passwords travel inside addresses (URIs), so they hold letters and digits only. */
const PASSWORD = { length: 32, special: false };

/**
 * 16 random bytes in hex. RandomBytes would be the natural resource for keys, but it uses the value as its id, and an
 * id lies in clear in the state; a password has no such id.
 */
const HEX_KEY = {
  length: 32,
  lower: false,
  upper: false,
  numeric: false,
  special: true,
  overrideSpecial: "0123456789abcdef",
};

/** The two keys of an Infisical server. */
export interface ServerKeys {
  /** 32 characters, used as they are. Another one makes the data unreadable. */
  encryptionKey: pulumi.Output<string>;
  /** base64 of 32 bytes. Another one ends all sessions. */
  authSecret: pulumi.Output<string>;
}

/** Generates the server's keys once: no later change of the program makes new ones in silence. */
export function generateServerKeys(name: string, opts: pulumi.CustomResourceOptions): ServerKeys {
  const frozen = pulumi.mergeOptions(opts, { ignoreChanges: ["*"] });
  const encryption = new random.RandomPassword(`${name}-encryption-key`, HEX_KEY, frozen);
  const auth = new random.RandomPassword(`${name}-auth-secret`, PASSWORD, frozen);
  return {
    encryptionKey: encryption.result,
    authSecret: auth.result.apply((text) => Buffer.from(text).toString("base64")),
  };
}

/** Generates a password once for each generation: another number is another resource, with another value. */
export function generatePassword(
  name: string,
  opts: pulumi.CustomResourceOptions,
  generation = 1,
): pulumi.Output<string> {
  const numbered = generation === 1 ? name : `${name}-${generation}`;
  return new random.RandomPassword(numbered, PASSWORD, pulumi.mergeOptions(opts, { ignoreChanges: ["*"] })).result;
}

/** Generates the few letters that keep a stack's Docker names apart from everybody else's. */
export function generateSuffix(name: string, opts: pulumi.CustomResourceOptions): pulumi.Output<string> {
  const args = { length: 6, special: false, upper: false };
  return new random.RandomString(name, args, pulumi.mergeOptions(opts, { ignoreChanges: ["*"] })).result;
}
