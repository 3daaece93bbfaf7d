import { messageOf } from "../../../infra/api/fault";
import { bringUp } from "../bring-up";
import { fingerprintOf } from "../../../infra/key-fingerprint";
import { isBefore, tagOf } from "../../../infra/image-tag";
import { exportWithSecrets, generatedValue, importDeployment, type Deployment } from "../deployment";
import { Failure } from "../failure";
import { endSandbox } from "../sandbox-process";
import { settingOf, urlOf } from "../settings";
import type { Workspace } from "../workspace";
import { containerOf, halt, runningContainer } from "./container";
import { bringDatabaseBack, dropDatabaseAside, emptyCache, loadDatabase, putDatabaseAside } from "./database";
import type { OpenArchive } from "./open";
import { savedSeat } from "./restore-new";
import { bringSandboxBack, dropSandboxAside, unpackSandboxStore } from "./sandbox-store";
import { requireEngine } from "./save";
import { transplanted } from "./transplant";

/** How the data of one kind of server is exchanged: what was there stays aside until `keep`. The server stands still then. */
interface Exchange {
  replace: () => Promise<void>;
  undo: () => Promise<void>;
  keep: () => Promise<void>;
}

/**
 * Puts the saved data in place of a running stack's, and what the stack's state says of it with it. What was there
 * before stays aside until the stack is in order with the saved data, and comes back when it does not get there.
 *
 * @throws Failure before anything is touched when the stack's key does not open the saved data.
 */
export async function restoreInPlace(workspace: Workspace, archive: OpenArchive): Promise<void> {
  const before = await exportWithSecrets(workspace);
  refuseOtherKey(workspace, archive, before);
  refuseOlderServer(workspace, archive);
  const exchange = await exchangeOf(workspace, archive);
  try {
    await exchange.replace();
    await importDeployment(workspace, stateAfter(workspace, archive, before));
    await bringUp(workspace);
  } catch (thrown) {
    throw await backToBefore(workspace, before, exchange, messageOf(thrown));
  }
  await exchange.keep();
}

/** Puts the saved data back after a failed upgrade; there is nothing of the data in between that one would want. */
export async function rollBack(workspace: Workspace, archive: OpenArchive): Promise<void> {
  const exchange = await exchangeOf(workspace, archive);
  await exchange.replace();
  await importDeployment(workspace, stateAfter(workspace, archive, await exportWithSecrets(workspace)));
  await bringUp(workspace);
  await exchange.keep();
}

function stateAfter(workspace: Workspace, archive: OpenArchive, own: Deployment): Deployment {
  const seat = { stack: workspace.stack, url: urlOf(workspace) };
  return transplanted(archive.state, savedSeat(archive), own, seat, "everything");
}

async function backToBefore(
  workspace: Workspace,
  before: Deployment,
  exchange: Exchange,
  reason: string,
): Promise<Failure> {
  try {
    await exchange.undo();
    await importDeployment(workspace, before);
    await bringUp(workspace);
  } catch (thrown) {
    return new Failure(
      `not restored: ${reason}\nBringing the data from before back did not work either: ${messageOf(thrown)}\nIt is not lost: it ` +
        "lies aside, as the database infisical_before_restore or the sandbox's folder .before-restore, and the same " +
        "command takes it up again.",
    );
  }
  return new Failure(`not restored: ${reason}\nThe stack "${workspace.stack}" has the data from before again.`);
}

function refuseOtherKey(workspace: Workspace, { file, manifest }: OpenArchive, own: Deployment): void {
  const key = generatedValue(own, "-encryption-key");
  const ours = key === undefined ? "none" : fingerprintOf(key);
  if (ours === manifest.keyFingerprint) return;
  throw new Failure(
    `the key of the stack "${workspace.stack}" (fingerprint ${ours}) does not open the data in ${file} (${manifest.keyFingerprint}). ` +
      "Nothing was touched. Restore into a stack that has no server yet, which gets the saved key: " +
      `npm run restore -- --stack <name> ${file}`,
  );
}

/** A server brings its data forward when it starts, and never back. */
function refuseOlderServer(workspace: Workspace, { manifest }: OpenArchive): void {
  const now = tagOf(settingOf(workspace, "image.infisical"));
  const then = tagOf(manifest.versions.infisical);
  if (manifest.target !== "docker" || !isBefore(now, then)) return;
  throw new Failure(
    `the data was saved with ${then}, and the stack "${workspace.stack}" runs the older ${now}. Nothing was touched. ` +
      `Set the image first: npm run pulumi -- config set image.infisical ${manifest.versions.infisical}`,
  );
}

async function exchangeOf(workspace: Workspace, archive: OpenArchive): Promise<Exchange> {
  const target = settingOf(workspace, "target");
  if (target === archive.manifest.target) {
    return target === "docker" ? onDocker(workspace, archive) : inSandbox(workspace, archive);
  }
  throw new Failure(
    `the archive is of a stack with target ${archive.manifest.target}, and "${workspace.stack}" has target ${target}. Nothing was touched.`,
  );
}

async function onDocker({ stack, ...workspace }: Workspace, { dataFile }: OpenArchive): Promise<Exchange> {
  const engine = await requireEngine({ stack, ...workspace });
  const postgres = await runningContainer(engine, stack, "postgres");
  const redis = await containerOf(engine, stack, "redis");
  const server = await containerOf(engine, stack, "infisical");
  const stopServer = async (): Promise<void> => {
    await halt(server);
    if (redis === undefined)
      console.log("note: Redis is your own; empty it (FLUSHDB), what it holds belongs to other data");
    else await emptyCache(redis);
  };
  return {
    // The `up` that follows finds the server stopped, and brings it back.
    replace: async () => {
      await stopServer();
      await putDatabaseAside(postgres);
      await loadDatabase(postgres, dataFile);
    },
    undo: async () => {
      await stopServer();
      await bringDatabaseBack(postgres);
    },
    keep: () => dropDatabaseAside(postgres),
  };
}

function inSandbox({ stack }: Workspace, { dataFile }: OpenArchive): Exchange {
  return {
    replace: () => unpackSandboxStore(stack, dataFile),
    undo: async () => {
      await endSandbox(stack);
      bringSandboxBack(stack);
    },
    keep: async () => dropSandboxAside(stack),
  };
}
