import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import { FINGERPRINT_FILE } from "../../infra/key-fingerprint";
import { FINGERPRINT_LABEL, labelsOf } from "../../infra/labels";
import { sandboxFolder } from "./sandbox-process";

/** The fingerprint that lies beside the data; nothing for data from before there was one. */
export async function fingerprintBeside(stack: string, engine: Docker | undefined): Promise<string | undefined> {
  if (engine === undefined) {
    const file = join(sandboxFolder(stack), FINGERPRINT_FILE);
    return existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
  }
  const { Volumes } = await engine.listVolumes({ filters: { label: labelsOf(stack, "postgres-data") } });
  return Volumes?.[0]?.Labels?.[FINGERPRINT_LABEL];
}
