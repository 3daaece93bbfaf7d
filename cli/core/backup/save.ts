import { createReadStream, existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import type Docker from "dockerode";
import { fingerprintOf } from "../../../infra/key-fingerprint";
import { answersAt } from "../answers";
import { exportWithSecrets, generatedValue, type Deployment } from "../deployment";
import { engineOf } from "../engine";
import { Failure } from "../failure";
import { fingerprintBeside } from "../kept-fingerprint";
import { readLocks } from "../lock";
import { ROOT } from "../places";
import { settingOf } from "../settings";
import { settingIn, stackFileOf } from "../stack-file";
import type { Workspace } from "../workspace";
import { readArchive, writeArchive, type Part } from "./archive";
import { readConfiguration } from "./configuration";
import { runningContainer } from "./container";
import { dumpDatabase } from "./database";
import { checksumOf, type Manifest, type PartCheck, type ServerKeys } from "./manifest";
import { applicationIn, readAs, type Application, type Proof } from "./proof";
import { packSandboxStore } from "./sandbox-store";
import { decrypterFor, encrypterFor, opensItsOwn, type SealOptions } from "./seal";
import { archiveName, defaultShelf, inWorkFolder } from "./shelf";

export const PARTS = {
  database: "database.dump",
  sandbox: "sandbox.tar",
  state: "state.json",
  configuration: "configuration.json",
  keys: "keys.json",
  proof: "proof.json",
  blueprint: "blueprint.yaml",
} as const;

export interface SaveOptions extends SealOptions {
  /** Folder for the archive. */
  folder?: string;
}

export interface Saved {
  file: string;
  bytes: number;
  manifest: Manifest;
  /** Secrets whose hashes are in it, for the drill to compare with. */
  proven: number;
  /** Whether the archive was read back; not possible for a recipient whose private key is elsewhere. */
  readBack: boolean;
}

/**
 * Saves all that brings a stack back: the data, the keys that open it, the stack's state and configuration, in one
 * encrypted archive. The server goes on working meanwhile.
 *
 * @throws Failure when anything is not as it must be; no archive is there then, and older ones are as they were.
 */
export async function saveBackup(workspace: Workspace, options: SaveOptions = {}): Promise<Saved> {
  refuseBesideRuns(workspace);
  const target = settingOf(workspace, "target");
  if (target !== "docker" && target !== "sandbox") {
    throw new Failure(
      `the data of the stack "${workspace.stack}" is not with this stack: back it up where its server is.`,
    );
  }
  if (settingIn(stackFileOf(workspace), "postgres.uri") !== undefined) {
    throw new Failure(
      `the stack "${workspace.stack}" has a Postgres of your own (postgres.uri): dump it where it is, and keep the key with the ` +
        `dump: npm run pulumi -- stack export --show-secrets -s ${workspace.stack} (it prints every secret)`,
    );
  }
  const encrypter = await encrypterFor(options, workspace);
  const state = await exportWithSecrets(workspace);
  const keys = keysIn(state, workspace.stack);
  const engine = target === "docker" ? await requireEngine(workspace) : undefined;
  const keyFingerprint = fingerprintOf(keys.encryptionKey);
  await refuseForeignKey(workspace, engine, keyFingerprint);
  const shelf = resolve(options.folder ?? defaultShelf(workspace.stack));
  return inWorkFolder(shelf, async (folder) => {
    const at = new Date();
    const data = await dumpInto(folder, workspace, engine);
    const application = applicationIn(state);
    const proof = await proofFrom(application);
    const texts = {
      [PARTS.state]: JSON.stringify(state),
      [PARTS.configuration]: JSON.stringify(await readConfiguration(workspace)),
      [PARTS.keys]: JSON.stringify(keys),
      [PARTS.proof]: JSON.stringify(proof),
      [PARTS.blueprint]: blueprintOf(workspace),
    };
    const parts = [...Object.entries(texts).map(([name, text]) => textPart(name, text)), data];
    const manifest: Manifest = {
      format: 1,
      createdAt: at.toISOString(),
      project: "infisical",
      stack: workspace.stack,
      target,
      url: application?.url ?? `http://localhost:${settingOf(workspace, "server.port")}`,
      keyFingerprint,
      versions: await versionsOf(workspace, engine),
      parts: Object.fromEntries(parts.map(({ name, check }) => [name, check])),
    };
    const file = join(shelf, archiveName(workspace.stack, at));
    await writeArchive(file, folder, encrypter, manifest, parts);
    const readBack = await verified(file, options, workspace);
    return { file, bytes: statSync(file).size, manifest, proven: proof.length, readBack };
  });
}

/** Nothing where it cannot be had: the data is worth saving all the same. */
async function proofFrom(application: Application | undefined): Promise<Proof> {
  // The SDK tries again for a quarter of a minute when nobody answers.
  if (application === undefined || !(await answersAt(application.url))) return [];
  return readAs(application).catch(() => []);
}

type CheckedPart = Part & { check: PartCheck };

function textPart(name: string, text: string): CheckedPart {
  const content = Buffer.from(text);
  return { name, bytes: content.length, check: checksumOf(content), open: () => Readable.from([content]) };
}

async function dumpInto(folder: string, workspace: Workspace, engine: Docker | undefined): Promise<CheckedPart> {
  const name = engine === undefined ? PARTS.sandbox : PARTS.database;
  const file = join(folder, name);
  const check =
    engine === undefined
      ? await packSandboxStore(workspace.stack, file)
      : await dumpDatabase(await runningContainer(engine, workspace.stack, "postgres"), file);
  return { name, bytes: check.bytes, check, open: () => createReadStream(file) };
}

/** An archive that cannot be read back is none. */
async function verified(file: string, options: SaveOptions, workspace: Workspace): Promise<boolean> {
  if (!opensItsOwn(options)) return false;
  try {
    await readArchive(file, await decrypterFor(options, workspace), async (_name, content) => {
      for await (const _piece of content);
    });
    return true;
  } catch (thrown) {
    rmSync(file, { force: true });
    throw thrown;
  }
}

/** @throws Failure when the state has no keys, as before the first `up` has ended. */
export function keysIn(state: Deployment, stack: string): ServerKeys {
  const encryptionKey = generatedValue(state, "-encryption-key");
  const authSecret = generatedValue(state, "-auth-secret");
  if (encryptionKey !== undefined && authSecret !== undefined) {
    return { encryptionKey, authSecret: Buffer.from(authSecret).toString("base64") };
  }
  throw new Failure(`the state of the stack "${stack}" holds no keys: there is nothing to save yet, or it was lost.`);
}

async function refuseForeignKey(workspace: Workspace, engine: Docker | undefined, ours: string): Promise<void> {
  const beside = await fingerprintBeside(workspace.stack, engine);
  if (beside === undefined || beside === ours) return;
  throw new Failure(
    `the key in the state of the stack "${workspace.stack}" (fingerprint ${ours}) is not the one that its data was written with ` +
      `(${beside}): a backup of the two would not open. Find the right state first (docs/backup.md).`,
  );
}

function refuseBesideRuns(workspace: Workspace): void {
  const busy = (readLocks(workspace) ?? []).find(({ state }) => state !== "dead");
  if (busy === undefined) return;
  throw new Failure(`another run works on the stack "${workspace.stack}" (${busy.holder}). Wait until it is done.`);
}

/** @throws Failure when no Docker engine answers. */
export async function requireEngine(workspace: Workspace): Promise<Docker> {
  const engine = await engineOf(workspace);
  if (engine !== undefined) return engine;
  throw new Failure("Docker is not reached. Start it, or set infisical:server.dockerHost.");
}

async function versionsOf(workspace: Workspace, engine: Docker | undefined): Promise<Manifest["versions"]> {
  const pulumi = workspace.tools.parts.pulumi?.version ?? "unknown";
  if (engine === undefined) {
    return { infisical: `sandbox as ${settingOf(workspace, "server.sandboxProfile")}`, postgres: "embedded", pulumi };
  }
  return {
    infisical: settingOf(workspace, "image.infisical"),
    postgres: settingOf(workspace, "image.postgres"),
    redis: settingOf(workspace, "image.redis"),
    pulumi,
  };
}

function blueprintOf(workspace: Workspace): string {
  const file = resolve(ROOT, settingOf(workspace, "blueprint"));
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}
