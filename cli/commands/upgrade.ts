import { messageOf } from "../../infra/api/fault";
import { isBefore, tagOf, withTag } from "../../infra/image-tag";
import { breakersBetween, told } from "../../infra/known-breakers";
import { containerOf, halt } from "../core/backup/container";
import { withArchive, type OpenArchive } from "../core/backup/open";
import { rollBack } from "../core/backup/restore-in-place";
import { restoreIntoNew } from "../core/backup/restore-new";
import { requireEngine, saveBackup, type SaveOptions } from "../core/backup/save";
import { inThrowaway } from "../core/backup/throwaway";
import { Failure, misuse } from "../core/failure";
import { settingOf } from "../core/settings";
import { setInStackFile, stackFileOf } from "../core/stack-file";
import { Stopwatch, summarize, tenths } from "../core/summary";
import { openWorkspace, requireRealParts, type Workspace } from "../core/workspace";
import { bringUp } from "../core/bring-up";
import { verifyQuietly } from "./verify";

export interface UpgradeOptions extends SaveOptions {
  /** Version (`v0.160.0`), or a whole image name. */
  to: string;
  /** Only rehearse. */
  rehearse?: boolean;
}

/** What an upgrade did, in seconds. */
export interface Upgraded {
  from: string;
  to: string;
  backup: string;
  seconds: { backup: number; rehearsal: number; upgrade: number };
}

/** Backs up, rehearses on a copy of the data, does it, and rolls back when the stack is not in order afterwards. */
export async function upgrade(stack: string, options: UpgradeOptions): Promise<void> {
  const watch = new Stopwatch();
  const { from, to, backup, seconds } = await upgradeStack(openWorkspace(stack), options);
  console.log(`backup from before: ${backup}`);
  summarize(options.rehearse === true ? "upgrade, rehearsed only" : "upgrade", {
    stack,
    from,
    to,
    "seconds for the backup": seconds.backup,
    "for the rehearsal": seconds.rehearsal,
    "for the upgrade": seconds.upgrade,
    "in all": watch.seconds,
  });
}

/**
 * @throws Failure when the rehearsal fails: the stack is untouched then. When the upgrade itself fails, the stack has its
 * image and its data from before again.
 */
export async function upgradeStack(workspace: Workspace, options: UpgradeOptions): Promise<Upgraded> {
  requireRealParts(workspace);
  const from = settingOf(workspace, "image.infisical");
  const to = /[/:]/.test(options.to) ? options.to : withTag(from, options.to);
  refuseBadWay(workspace, from, to);
  for (const breaker of breakersBetween(tagOf(from), tagOf(to))) console.log(`known: ${told(breaker)}`);
  const watch = new Stopwatch();
  console.log("upgrade: backing up");
  const saved = await saveBackup(workspace, options);
  const backedUp = watch.seconds;
  console.log(`upgrade: rehearsing ${tagOf(to)} on a copy of the data`);
  await rehearse(workspace, saved.file, to, options);
  const rehearsed = watch.seconds;
  if (options.rehearse !== true) await exchange(workspace, to, options);
  const seconds = {
    backup: backedUp,
    rehearsal: tenths(rehearsed - backedUp),
    upgrade: tenths(watch.seconds - rehearsed),
  };
  return { from: tagOf(from), to: tagOf(to), backup: saved.file, seconds };
}

function refuseBadWay(workspace: Workspace, from: string, to: string): void {
  if (settingOf(workspace, "target") !== "docker") {
    throw misuse(`the stack "${workspace.stack}" runs no image: there is nothing to upgrade.`);
  }
  if (from === to) throw misuse(`the stack "${workspace.stack}" is on ${to} already.`);
  if (!isBefore(tagOf(to), tagOf(from))) return;
  throw misuse(
    `${tagOf(to)} is older than ${tagOf(from)}, and a server never brings its data back. Restore a backup from before the ` +
      `upgrade into a new stack: npm run restore -- --stack <name> <archive>`,
  );
}

async function rehearse(workspace: Workspace, file: string, image: string, options: SaveOptions): Promise<void> {
  try {
    await withArchive(file, workspace, options, (archive) => {
      const configuration = { ...archive.configuration, "infisical:image.infisical": { value: image, secret: false } };
      return inThrowaway(workspace, "rehearsal", configuration, async (throwaway) => {
        await restoreIntoNew(throwaway, archive, "everything");
        await bringUp(throwaway);
        await verifyQuietly(throwaway);
      });
    });
  } catch (thrown) {
    throw new Failure(
      `the rehearsal of ${image} failed, and the stack "${workspace.stack}" is untouched:\n${messageOf(thrown)}`,
    );
  }
}

/**
 * The real thing. Nothing is written between the last backup and the new server: the old one stands still by then.
 * @throws Failure when it was taken back: image and data are those from before.
 */
export async function exchange(workspace: Workspace, image: string, options: SaveOptions): Promise<void> {
  const before = settingOf(workspace, "image.infisical");
  const server = await containerOf(await requireEngine(workspace), workspace.stack, "infisical");
  console.log("upgrade: stopping the server for a last backup");
  await halt(server);
  const last = await saveBackup(workspace, options).catch(async (thrown: unknown) => {
    await server?.start();
    throw thrown;
  });
  try {
    setInStackFile(stackFileOf(workspace), { "infisical:image.infisical": image });
    await bringUp(workspace);
    await verifyQuietly(workspace);
  } catch (thrown) {
    console.log(`upgrade: it failed; back to ${tagOf(before)}`);
    setInStackFile(stackFileOf(workspace), { "infisical:image.infisical": before });
    const reason = `not upgraded to ${tagOf(image)}: ${messageOf(thrown)}`;
    await goBack(workspace, last.file, options, reason);
    throw new Failure(`${reason}\nThe stack "${workspace.stack}" is on ${tagOf(before)} with its data from before.`);
  }
}

async function goBack(workspace: Workspace, file: string, options: SaveOptions, reason: string): Promise<void> {
  try {
    await withArchive(file, workspace, options, (archive: OpenArchive) => rollBack(workspace, archive));
  } catch (thrown) {
    throw new Failure(
      `${reason}\nGoing back did not work either: ${messageOf(thrown)}\nThe data is in ${file}. When the cause is put right: ` +
        `npm run restore -- --stack ${workspace.stack} ${file}`,
    );
  }
}
