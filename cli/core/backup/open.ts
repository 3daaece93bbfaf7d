import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fingerprintOf } from "../../../infra/key-fingerprint";
import { parseDeployment, type Deployment } from "../deployment";
import { Failure } from "../failure";
import { LOCAL } from "../places";
import type { Workspace } from "../workspace";
import { bytesOf, readArchive } from "./archive";
import { configurationSchema, type Configuration } from "./configuration";
import { keysSchema, type Manifest } from "./manifest";
import { proofSchema, type Proof } from "./proof";
import { PARTS } from "./save";
import { decrypterFor, type SealOptions } from "./seal";
import { inWorkFolder } from "./shelf";

/** An archive that was read to its end, with every checksum right. */
export interface OpenArchive {
  file: string;
  manifest: Manifest;
  state: Deployment;
  configuration: Configuration;
  proof: Proof;
  /** The dump, in a folder that goes when the work is done. */
  dataFile: string;
}

/**
 * Opens an archive for some work.
 * @throws Failure before the work begins when the key does not open it, it is damaged, or its keys do not fit its data.
 */
export async function withArchive<T>(
  file: string,
  workspace: Workspace,
  options: SealOptions,
  work: (archive: OpenArchive) => Promise<T>,
): Promise<T> {
  const decrypter = await decrypterFor(options, workspace);
  return inWorkFolder(join(LOCAL, "backups"), async (folder) => {
    const texts = new Map<string, string>();
    const dataFile = join(folder, "data");
    const manifest = await readArchive(file, decrypter, async (name, content) => {
      if (name === PARTS.database || name === PARTS.sandbox) {
        await pipeline(content, createWriteStream(dataFile, { mode: 0o600 }));
      } else texts.set(name, (await bytesOf(content)).toString());
    });
    const textOf = (name: string): string => texts.get(name) ?? "null";
    const keys = keysSchema.parse(JSON.parse(textOf(PARTS.keys)));
    if (fingerprintOf(keys.encryptionKey) !== manifest.keyFingerprint) {
      throw new Failure(
        `the archive ${file} holds another key than the one its data was written with; take an older one.`,
      );
    }
    return work({
      file,
      manifest,
      dataFile,
      state: parseDeployment(textOf(PARTS.state)),
      configuration: configurationSchema.parse(JSON.parse(textOf(PARTS.configuration))),
      proof: proofSchema.parse(JSON.parse(textOf(PARTS.proof))),
    });
  });
}
