import { askAs } from "../../../infra/api/session";
import { findIdentities, updateIdentity } from "../../../infra/api/identities";
import { automationIn, exportWithSecrets, importDeployment } from "../deployment";
import { Failure } from "../failure";
import { askPulumi, ensureStack } from "../pulumi";
import { urlOf } from "../settings";
import { settingIn, stackFileOf } from "../stack-file";
import type { Workspace } from "../workspace";
import { writeConfiguration } from "./configuration";
import { runningContainer } from "./container";
import { loadDatabase } from "./database";
import type { OpenArchive } from "./open";
import { unpackSandboxStore } from "./sandbox-store";
import { requireEngine } from "./save";
import { transplanted, type Extent, type Seat } from "./transplant";

/**
 * Makes a server on the saved data in a stack that has none. Its keys are the saved ones. With the extent "everything"
 * the stack's state then knows all that lives in the server, and the next `up` finds it in order.
 *
 * @throws Failure when the stack is for another kind of server, or a step does not end well.
 */
export async function restoreIntoNew(workspace: Workspace, archive: OpenArchive, extent: Extent): Promise<void> {
  await configure(workspace, archive);
  const from = savedSeat(archive);
  const to = { stack: workspace.stack, url: urlOf(workspace) };
  const own = await exportWithSecrets(workspace);
  await importDeployment(workspace, transplanted(archive.state, from, own, to, extent));
  if (archive.manifest.target === "docker") {
    await upTargets(
      workspace,
      ["suffix", "network", "encryption-key", "postgres*"].map((name) => `server-${name}`),
    );
    const postgres = await runningContainer(await requireEngine(workspace), workspace.stack, "postgres");
    await loadDatabase(postgres, archive.dataFile);
    await upTargets(workspace, ["server-*"]);
  } else {
    await unpackSandboxStore(workspace.stack, archive.dataFile);
    await upTargets(workspace, ["sandbox-*"]);
  }
  if (extent === "everything" && from.stack !== to.stack) await markAsOurs(archive, from, to);
}

/** Makes the stack, with the saved configuration for every key that its own file does not set. */
async function configure(workspace: Workspace, { configuration, manifest }: OpenArchive): Promise<void> {
  const file = stackFileOf(workspace);
  const target = settingIn(file, "target") ?? manifest.target;
  if (target !== manifest.target) {
    throw new Failure(
      `the archive is of a stack with target ${manifest.target}, and ${file} says target ${target}. Nothing was made; ` +
        "restore into another stack: npm run restore -- --stack <name> <archive>",
    );
  }
  const open = Object.entries(configuration).filter(
    ([key]) => settingIn(file, key.replace(/^[^:]*:/, "")) === undefined,
  );
  await ensureStack(workspace);
  await writeConfiguration(workspace, Object.fromEntries(open));
}

/** Where the saved state had its place. */
export function savedSeat({ manifest }: OpenArchive): Seat {
  return { stack: manifest.stack, url: manifest.url };
}

/** Brings up only the resources with these names. */
async function upTargets(workspace: Workspace, names: string[]): Promise<void> {
  const targets = names.flatMap((name) => ["--target", `**::${name}`]);
  const { code, stdout, stderr } = await askPulumi(workspace, ["up", "--yes", "--skip-preview", ...targets], true);
  if (code === 0) return;
  // What went wrong stands on standard output, at its end.
  const story = stdout.includes("Diagnostics:") ? stdout.slice(stdout.indexOf("Diagnostics:")) : `${stdout}\n${stderr}`;
  throw new Failure(`pulumi up of ${names.join(", ")} did not finish (exit code ${code}):\n${story.trim()}`);
}

/** In the data, the automation identity bears the mark of the stack that was saved; unmarked, `up` would make another. */
async function markAsOurs({ state, manifest }: OpenArchive, from: Seat, to: Seat): Promise<void> {
  const automation = automationIn(state);
  if (automation === undefined) return;
  const { clientId, clientSecret } = automation;
  const ask = askAs({ url: to.url, clientId, clientSecret });
  const [ours, theirs] = [`${manifest.project}/${to.stack}`, `${manifest.project}/${from.stack}`];
  for (const identity of await findIdentities(ask, "pulumi-automation")) {
    if (identity.owner !== theirs) continue;
    await updateIdentity(ask, identity, { name: identity.name, role: identity.role, owner: ours });
  }
}
