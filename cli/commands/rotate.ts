import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { readBlueprint } from "../core/blueprint";
import { credentialsOf, type Credential } from "../core/credentials";
import { requireSecretTarget } from "../core/env-file";
import { Failure, misuse } from "../core/failure";
import { askPulumi } from "../core/pulumi";
import { changeRotations, publishCredentials, readRotations } from "../core/rotations";
import { settingIn, stackFileOf } from "../core/stack-file";
import { Stopwatch, summarize } from "../core/summary";
import { openWorkspace, type Workspace } from "../core/workspace";
import { isServerCredential, rotateServerCredential, SERVER_CREDENTIALS } from "./rotate-server";
import { bringUp } from "../core/bring-up";

export interface RotateOptions extends RotationOptions {
  /** Environment files to publish the credential to, from now on. */
  envFile?: string[];
}

/** Rotates the client secret of one identity; without a name, brings to an end what is under way, and tells the ages. */
export async function rotate(stack: string, identity: string | undefined, options: RotateOptions): Promise<void> {
  const watch = new Stopwatch();
  const workspace = openWorkspace(stack);
  if (identity === undefined) return finishAll(workspace, watch);
  if (isServerCredential(identity)) return rotateServer(workspace, identity, options, watch);
  requireIdentity(workspace, identity);
  rememberFiles(stack, identity, options.envFile ?? []);
  const { resumed, until, ...figures } = await rotateCredential(workspace, identity, options);
  if (until !== undefined)
    console.log(`note: the client secret before it is good until ${until}; the next \`up\` after that revokes it`);
  summarize(`rotate${resumed ? " (resumed)" : ""}`, { stack, identity, ...figures, seconds: watch.seconds });
}

/** @throws Failure that says what there is to rotate. */
export function requireIdentity(workspace: Workspace, name: string): void {
  const known = Object.keys(readBlueprint(workspace).identities);
  if (known.includes(name)) return;
  throw misuse(`the blueprint has no identity "${name}"; there are: ${[...known, ...SERVER_CREDENTIALS].join(", ")}`);
}

/** Looks at the files before anything changes. */
function rememberFiles(stack: string, identity: string, given: string[]): void {
  if (given.length === 0) return;
  // npm starts commands in the project's folder, wherever they were typed.
  const files = given.map((file) => resolve(process.env.INIT_CWD ?? process.cwd(), file));
  for (const file of files) requireSecretTarget(file);
  changeRotations(stack, (rotations) => {
    rotations.files[identity] = [...new Set([...(rotations.files[identity] ?? []), ...files])];
  });
}

async function rotateServer(
  workspace: Workspace,
  name: string,
  options: RotateOptions,
  watch: Stopwatch,
): Promise<void> {
  const given = Object.keys(options).length;
  if (given > 0) throw misuse(`${name}: --now, --wait and --env-file are for identities of the blueprint.`);
  const { generation, resumed } = await rotateServerCredential(workspace, name);
  const { stack } = workspace;
  summarize(`rotate${resumed ? " (resumed)" : ""}`, { stack, credential: name, generation, seconds: watch.seconds });
}

async function finishAll(workspace: Workspace, watch: Stopwatch): Promise<void> {
  const { stack } = workspace;
  const there = await credentialsOf(workspace);
  const open = Object.keys(readRotations(stack).pending).filter((identity) => there.has(identity));
  for (const identity of open) await rotateCredential(workspace, identity, {});
  if (open.length === 0) await bringUp(workspace);
  const { written } = await publishCredentials(workspace);
  const credentials = [...(await credentialsOf(workspace)).values()];
  for (const one of credentials) console.log(ageOf(one));
  const alive = credentials.reduce((sum, { retiring }) => sum + 1 + retiring.length, 0);
  const figures = { identities: credentials.length, alive, resumed: open.length, "files written": written };
  summarize("rotate", { stack, ...figures, seconds: watch.seconds });
}

function ageOf({ identity, generation, createdAt, rotateAfter, retiring: [old] }: Credential): string {
  const due = new Date(Date.parse(createdAt) + rotateAfter * 1_000).toISOString();
  return [
    `${identity}: generation ${generation}, made ${createdAt}`,
    ...(rotateAfter > 0 ? [`rotated by \`up\` after ${due}`] : []),
    ...(old === undefined ? [] : [`the one before is good until ${old.until}`]),
  ].join(", ");
}

export interface RotationOptions {
  /** Revoke the one before at once. */
  now?: boolean;
  /** Stay until the one before is revoked. */
  wait?: boolean;
}

/** What came out. */
export interface Rotated {
  generation: number;
  /** Whether it only brought an earlier rotation to its end. */
  resumed: boolean;
  /** Client secrets that are good now. */
  alive: number;
  /** Environment files that hold the credential. */
  files: number;
  /** ISO time until which the one before is good; nothing when it is revoked. */
  until?: string;
}

/**
 * Gives an identity a new client secret and keeps the one before for its grace, so that no application is cut off.
 *
 * The stack's configuration says which generation is wanted, so this only raises it and brings the stack up; what was
 * interrupted anywhere goes on from there the next time.
 * @throws Failure when the one before is still in its grace: a third one is never made.
 */
export async function rotateCredential(
  workspace: Workspace,
  identity: string,
  options: RotationOptions,
): Promise<Rotated> {
  const { stack } = workspace;
  const { generation, resumed, wait } = await goalFor(workspace, identity, options);
  changeRotations(stack, ({ pending }) => (pending[identity] = { generation, wait }));
  tell(identity, `${resumed ? "resuming the rotation to" : "to"} generation ${generation}`);
  await configure(workspace, `generation.${identity}`, generation);
  if (options.now === true) await configure(workspace, `revoked.${identity}`, generation - 1);
  tell(identity, "configured, bringing the stack up");
  await bringUp(workspace);
  const made = await credentialOf(workspace, identity);
  tell(identity, "minted, publishing");
  const { files } = await publishCredentials(workspace, identity);
  if (!wait) changeRotations(stack, ({ pending }) => delete pending[identity]);
  tell(identity, `published in ${files} files`);
  const left = wait ? await outlast(workspace, made) : made;
  const [old] = left.retiring;
  const until = old === undefined ? {} : { until: old.until };
  return { generation: left.generation, resumed, alive: 1 + left.retiring.length, files, ...until };
}

/** Which generation is to be there, noted by an earlier try or the next one. */
async function goalFor(
  workspace: Workspace,
  identity: string,
  options: RotationOptions,
): Promise<{ generation: number; resumed: boolean; wait: boolean }> {
  const credential = await credentialOf(workspace, identity);
  const open = readRotations(workspace.stack).pending[identity];
  const configured = Number(settingIn(stackFileOf(workspace), `generation.${identity}`) ?? 1);
  const wait = options.wait === true || open?.wait === true;
  if (open !== undefined || configured > credential.generation || !credential.complete) {
    return { generation: Math.max(open?.generation ?? 1, configured), resumed: true, wait };
  }
  const [old] = credential.retiring;
  if (old !== undefined && Date.parse(old.until) > Date.now() && options.now !== true) {
    throw new Failure(
      `${identity}: the client secret before this one is good until ${old.until}, and there are never more than two. ` +
        "Applications that still use it would be cut off: rotate after that, or with --now in an emergency.",
    );
  }
  return { generation: Math.max(configured, credential.generation) + 1, resumed: false, wait };
}

/** Waits for the end of the grace, and revokes. The grace of an application begins when it could know the new one. */
async function outlast(workspace: Workspace, made: Credential): Promise<Credential> {
  const { identity, grace } = made;
  const [old] = made.retiring;
  if (old !== undefined) {
    const end = Math.max(Date.parse(old.until), Date.now() + grace * 1_000);
    tell(identity, `waiting until ${new Date(end).toISOString()}, the end of the grace`);
    while (Date.now() <= end) await pause(Math.min(1_000, end - Date.now() + 1));
    tell(identity, "revoking the one before");
    await bringUp(workspace);
  }
  changeRotations(workspace.stack, ({ pending }) => delete pending[identity]);
  const left = await credentialOf(workspace, identity);
  if (left.retiring.length > 0) throw new Failure(`${identity}: the client secret before this one is still alive.`);
  return left;
}

async function credentialOf(workspace: Workspace, identity: string): Promise<Credential> {
  const found = (await credentialsOf(workspace)).get(identity);
  if (found === undefined) throw new Failure(`identity "${identity}" is not there yet. Run \`npm run up\` first.`);
  return found;
}

async function configure(workspace: Workspace, key: string, value: number): Promise<void> {
  if (settingIn(stackFileOf(workspace), key) === String(value)) return;
  await askPulumi(workspace, ["config", "set", key, String(value)]);
}

function tell(identity: string, text: string): void {
  console.log(`rotate: ${identity}: ${text}`);
}
