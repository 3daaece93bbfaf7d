import { Failure, misuse } from "../core/failure";
import { askPulumi } from "../core/pulumi";
import { settingIn, stackFileOf, targetIn } from "../core/stack-file";
import { readStack, type StackResource } from "../core/state";
import type { Workspace } from "../core/workspace";
import { bringUp } from "../core/bring-up";

/** A credential of the server itself, and how the stack knows it. */
interface ServerCredential {
  /** Setting that holds its generation. */
  setting: string;
  /** Generations that the stack's state has of it: one, or two while a rotation is under way. */
  generationsIn: (resources: StackResource[]) => number[];
  /** Resources that are made anew for it, by the end of their URN. */
  replaces: string[];
}

const CREDENTIALS: { [name: string]: ServerCredential } = {
  "server:automation": {
    setting: "automation.generation",
    generationsIn: (resources) =>
      resources
        .filter(({ type }) => type.endsWith("infisical:Administrator"))
        .map(({ outputs }) => Number(outputs?.generation ?? 1)),
    replaces: [],
  },
  "server:postgres": inDocker("postgres"),
  "server:redis": inDocker("redis"),
};

/** What is not rotated, and why. */
const REFUSED: { [name: string]: string } = {
  "server:administrator":
    "Infisical has no route by which the administrator's password could be changed from outside (POST " +
    "/api/v2/users/me/password is answered with 404). Change it in the web page under Personal Settings, then tell the " +
    "stack: npm run pulumi -- config set --secret admin.password",
  "server:encryption": "the encryption key is never changed: everything in the database is encrypted with it.",
};

function inDocker(noun: "postgres" | "redis"): ServerCredential {
  const password = new RegExp(`::server-${noun}-password(?:-(\\d+))?$`);
  return {
    setting: `${noun}.generation`,
    generationsIn: (resources) =>
      resources.flatMap(({ urn }) => {
        const found = password.exec(urn);
        return found === null ? [] : [Number(found[1] ?? 1)];
      }),
    replaces: [`server-${noun}`, "server-infisical", "server-front"],
  };
}

export function isServerCredential(name: string): boolean {
  return name.startsWith("server:");
}

/** Names for messages. */
export const SERVER_CREDENTIALS: readonly string[] = Object.keys(CREDENTIALS);

/**
 * Rotates a credential of the server itself. Postgres and Redis are made anew on their data, and the server is restarted
 * once; an interrupted rotation goes on from where it was.
 * @throws Failure when there is nothing of this name to rotate.
 */
export async function rotateServerCredential(
  workspace: Workspace,
  name: string,
): Promise<{ generation: number; resumed: boolean }> {
  const credential = requireCredential(workspace, name);
  const before = await readStack(workspace);
  const there = credential.generationsIn(before);
  if (there.length === 0) throw new Failure(`${name} is not there yet. Run \`npm run up\` first.`);
  const configured = Number(settingIn(stackFileOf(workspace), credential.setting) ?? 1);
  const resumed = there.length > 1 || there[0] !== configured;
  const generation = resumed ? configured : configured + 1;
  console.log(`rotate: ${name}: ${resumed ? "resuming the rotation to" : "to"} generation ${generation}`);
  if (!resumed) await askPulumi(workspace, ["config", "set", credential.setting, String(generation)]);
  await unprotect(workspace, before, credential, there);
  await bringUp(workspace);
  const after = credential.generationsIn(await readStack(workspace));
  if (after.length !== 1 || after[0] !== generation) {
    throw new Failure(`${name}: generation ${generation} was wanted, and ${after.join(" and ")} is there.`);
  }
  return { generation, resumed };
}

function requireCredential(workspace: Workspace, name: string): ServerCredential {
  const refused = REFUSED[name];
  if (refused !== undefined) throw new Failure(`${name}: ${refused}`);
  const credential = CREDENTIALS[name];
  if (credential === undefined) {
    throw misuse(`there is no ${name}; of the server there are: ${SERVER_CREDENTIALS.join(", ")}`);
  }
  const file = stackFileOf(workspace);
  const target = targetIn(file);
  const inContainers = name !== "server:automation";
  if (target === "external") throw new Failure(`${name}: the server is somebody else's, and so is its credential.`);
  if (inContainers && target !== "docker") throw new Failure(`${name}: with target ${target} there is none.`);
  const noun = name.slice("server:".length);
  if (inContainers && settingIn(file, `${noun}.uri`) !== undefined) {
    throw new Failure(`${name}: it is your own (${noun}.uri). Change it there, and set the address anew.`);
  }
  return credential;
}

/** In a durable stack what has to be made anew is protected; the next `up` protects its successors. */
async function unprotect(
  workspace: Workspace,
  resources: StackResource[],
  { setting, replaces }: ServerCredential,
  generations: number[],
): Promise<void> {
  const noun = setting.slice(0, setting.indexOf("."));
  const passwords = generations.map((one) => `server-${noun}-password${one === 1 ? "" : `-${one}`}`);
  const names = [...replaces, ...(replaces.length === 0 ? [] : passwords)];
  const wanted = resources.filter(
    ({ urn, protect }) => protect === true && names.includes(urn.split("::").at(-1) ?? ""),
  );
  for (const { urn } of wanted) await askPulumi(workspace, ["state", "unprotect", urn, "--yes"]);
}
