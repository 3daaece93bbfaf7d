import { readFileSync } from "node:fs";
import type * as age from "age-encryption";
import { messageOf } from "../../../infra/api/fault";
import { Failure } from "../failure";
import type { Workspace } from "../workspace";

/** How archives are locked and opened, as the command line says it; the environment has the same under longer names. */
export interface SealOptions {
  /** Public key (`age1...`): the machine that makes backups then cannot open them. INFISICAL_BACKUP_RECIPIENT. */
  recipient?: string;
  /** File with the private key of that recipient. INFISICAL_BACKUP_IDENTITY_FILE. */
  identityFile?: string;
  /** File with a passphrase; default: the stack's own. INFISICAL_BACKUP_PASSPHRASE_FILE. */
  passphraseFile?: string;
}

/** What was chosen, on the command line or else in the environment; an empty text chooses nothing. */
function chosen(options: SealOptions): SealOptions {
  const { env } = process;
  const given = {
    recipient: options.recipient ?? env.INFISICAL_BACKUP_RECIPIENT,
    identityFile: options.identityFile ?? env.INFISICAL_BACKUP_IDENTITY_FILE,
    passphraseFile: options.passphraseFile ?? env.INFISICAL_BACKUP_PASSPHRASE_FILE,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== ""));
}

/** Whether what locks an archive here also opens it: a recipient's private key may be elsewhere. */
export function opensItsOwn(options: SealOptions): boolean {
  const { recipient, identityFile } = chosen(options);
  return recipient === undefined || identityFile !== undefined;
}

/**
 * What an archive is locked with: a recipient when one is named, else a passphrase.
 * @throws Failure when there is neither, or the recipient is not one.
 */
export async function encrypterFor(options: SealOptions, workspace: Workspace): Promise<age.Encrypter> {
  const { Encrypter } = await loadAge();
  const encrypter = new Encrypter();
  const { recipient } = chosen(options);
  if (recipient === undefined) {
    encrypter.setPassphrase(passphraseFor(options, workspace));
    return encrypter;
  }
  try {
    encrypter.addRecipient(recipient);
  } catch (thrown) {
    throw new Failure(`the recipient is no public key of age (age1...): ${messageOf(thrown)}`);
  }
  return encrypter;
}

/** What opens an archive: the private key when one is named, and the passphrase. */
export async function decrypterFor(options: SealOptions, workspace: Workspace): Promise<age.Decrypter> {
  const { Decrypter } = await loadAge();
  const decrypter = new Decrypter();
  const { identityFile } = chosen(options);
  if (identityFile === undefined) {
    decrypter.addPassphrase(passphraseFor(options, workspace));
    return decrypter;
  }
  const identities = linesOf(identityFile).filter((line) => line.startsWith("AGE-SECRET-KEY-"));
  if (identities.length === 0) throw new Failure(`${identityFile} holds no private key of age (AGE-SECRET-KEY-...).`);
  for (const identity of identities) decrypter.addIdentity(identity);
  return decrypter;
}

/** As a module of today's form: turned into an old one, its arithmetic takes nine times as long (measured). */
function loadAge(): Promise<typeof age> {
  return import("age-encryption");
}

function passphraseFor(options: SealOptions, workspace: Workspace): string {
  const { passphraseFile } = chosen(options);
  const { PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE } = workspace.env;
  const passphrase =
    passphraseFile !== undefined
      ? firstLineOf(passphraseFile)
      : (PULUMI_CONFIG_PASSPHRASE ??
        (PULUMI_CONFIG_PASSPHRASE_FILE === undefined ? "" : firstLineOf(PULUMI_CONFIG_PASSPHRASE_FILE)));
  if (passphrase !== "") return passphrase;
  throw new Failure(
    `the stack "${workspace.stack}" has no passphrase to lock a backup with. Give --recipient age1... or --passphrase-file <file>.`,
  );
}

function firstLineOf(file: string): string {
  return linesOf(file)[0] ?? "";
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .map((line) => line.trim());
  } catch (thrown) {
    throw new Failure(`${file} cannot be read: ${messageOf(thrown)}`);
  }
}
