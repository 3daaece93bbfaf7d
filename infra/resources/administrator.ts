import * as pulumi from "@pulumi/pulumi";
import {
  closeSession,
  instanceConfig,
  nameOrganization,
  openSession,
  organizationName,
  setSignUp,
  signUp,
  type AdministratorLogin,
  type UserSession,
} from "../api/administrator";
import { addMember, getMemberRoles } from "../api/access";
import { bootstrapWithoutToken, deleteBootstrapIdentities } from "../api/bootstrap";
import { isRouteMissing, isStatus, refusal } from "../api/fault";
import { findOrCreate } from "../api/find-or-create";
import type { Ask } from "../api/http";
import { createIdentity, findIdentities, getIdentity, updateIdentity } from "../api/identities";
import { listProjectIds } from "../api/projects";
import { askAs, askWith, credentialWorksInRun, type Connection } from "../api/session";
import {
  attachUniversalAuth,
  clearLockouts,
  createClientSecret,
  getUniversalAuth,
  listClientSecrets,
  revokeClientSecret,
} from "../api/universal-auth";
import { defineProvider, type Known, type Save } from "./crud";
import { DynamicResource } from "./dynamic-resource";
import { tellFinding } from "./finding";
import { DEFAULT_UNIVERSAL_AUTH } from "./universal-auth-defaults";

/** What a fresh instance needs before anything else can be made in it. */
interface Inputs {
  url: string;
  login: AdministratorLogin;
  /** Name of the organization. */
  organization: string;
  /** Whether strangers may sign up: `false`, always. */
  allowSignUp: boolean;
  /** Name of the machine identity that the program works as from here on. */
  automation: string;
  /** Mark of the stack on what it makes, such as `infisical/dev`. */
  owner: string;
  /** Raise it to get a new credential for the automation identity. */
  generation: number;
}

interface Outputs {
  organizationId: string;
  identityId: string;
  clientId: string;
  clientSecret: string;
  clientSecretId: string;
  /** The one before, good until the ISO time `until`: resources that an interrupted run left behind still use it. */
  retiring: { id: string; until: string }[];
}

type State = Inputs & Outputs;

/** Role of the automation identity in the organization. */
const AUTOMATION_ROLE = "admin";

const administratorProvider = defineProvider<Inputs, Outputs>({
  noun: "Administrator",
  title: (inputs) => `${inputs.login.email} of ${inputs.url}`,
  revision: 1,
  secrets: ["login.password", "clientSecret"],
  replaceOn: [],
  converge,
  read,
  // An instance is never left without its administrator.
  remove: async () => {},
  due: ({ retiring = [] }) => retiring.some(({ until }) => Date.parse(until) <= Date.now()),
});

async function converge(inputs: Inputs, known: Known<State> | undefined, save: Save<Outputs, Inputs>) {
  const session = await enter(inputs);
  try {
    if (session.organization === interimName(inputs)) await deleteBootstrapIdentities(inputs.url, session);
    await nameOrganization(inputs.url, session, inputs.organization);
    await setSignUp(inputs.url, session, inputs.allowSignUp);
    const outputs = await convergeAutomation(inputs, session, known?.state, save);
    return { id: session.organizationId, outputs };
  } finally {
    // The server lets a session's token live on after a log-out; ours is forgotten here all the same.
    await closeSession(inputs.url, session).catch(() => {});
  }
}

/** Signs up on a fresh instance, and logs in on one that is ours, also when the answer of the sign-up was lost. */
async function enter(inputs: Inputs): Promise<UserSession> {
  const logInAsOurs = async (): Promise<UserSession> => {
    const session = await openSession(inputs.url, inputs.login);
    if (session !== undefined) return session;
    throw refusal(
      `Infisical at ${inputs.url} has an administrator already, and it is not ours: it refuses the password of ` +
        `${inputs.login.email}. If the server is yours, say who you are: \`pulumi config set admin.email ...\` and ` +
        "`pulumi config set --secret admin.password`. If not, choose another port or an empty database.",
    );
  };
  return findOrCreate(
    async () => ((await instanceConfig(inputs.url)).initialized ? logInAsOurs() : undefined),
    async () => (await setUp(inputs)) ?? logInAsOurs(),
  );
}

/** Makes the first administrator. @returns their session where that is not for the next step to open. */
async function setUp(inputs: Inputs): Promise<UserSession | undefined> {
  try {
    await signUp(inputs.url, inputs.login);
    return undefined;
  } catch (thrown) {
    if (!isRouteMissing(thrown)) throw thrown;
  }
  await bootstrapWithoutToken(inputs.url, inputs.login, interimName(inputs));
  const session = await openSession(inputs.url, inputs.login);
  if (session !== undefined) return session;
  throw refusal(
    `Infisical at ${inputs.url} has no sign-up route, and its bootstrap made an administrator without a password: nobody ` +
      "can log in to it any more (upstream issue 4997). Its token is out of service. Empty its database, and start " +
      "v0.159.22 or a version whose bootstrap keeps the password.",
  );
}

/**
 * The organization's name from a bootstrap on, until the identity that it made is gone: so a run that takes over from a
 * broken one knows that there may be a token of which nobody has heard.
 */
function interimName({ owner }: Inputs): string {
  return `being set up by ${owner}`.slice(0, 64);
}

/** The automation identity with a client secret that works; those that lost their value are revoked. */
async function convergeAutomation(
  inputs: Inputs,
  session: UserSession,
  state: State | undefined,
  save: Save<Outputs, Inputs>,
): Promise<Outputs> {
  const ask = askWith(inputs.url, session);
  const { organizationId } = session;
  const identityId = await automationIdentity(ask, inputs, organizationId);
  if (state !== undefined && state.identityId !== identityId) await joinProjects(ask, identityId);
  const { clientId } = await findOrCreate(
    () => getUniversalAuth(ask, identityId),
    () => attachUniversalAuth(ask, identityId, DEFAULT_UNIVERSAL_AUTH),
  );
  const works = state?.clientId === clientId && (await credentialWorksInRun(connectionOf(state)));
  const good = (state?.retiring ?? []).filter(({ until }) => Date.parse(until) > Date.now());
  if (works && state.generation === inputs.generation) {
    const { clientSecret, clientSecretId } = state;
    if (good.length < state.retiring.length) await retireOthers(ask, identityId, [clientSecretId, ...good.map(idOf)]);
    return { organizationId, identityId, clientId, clientSecret, clientSecretId, retiring: good };
  }
  const retiring = works ? [{ id: state.clientSecretId, until: endOfGrace() }] : [];
  const wanted = { description: `automation of ${inputs.owner}`, ttl: 0, numUsesLimit: 0 };
  const made = await findOrCreate(
    async () => {
      // Never more than two are good.
      if (works) await retireOthers(ask, identityId, [state.clientSecretId]);
      return undefined;
    },
    () => createClientSecret(ask, identityId, wanted),
  );
  const { clientSecret, id: clientSecretId } = made;
  const outputs = { organizationId, identityId, clientId, clientSecret, clientSecretId, retiring };
  save(organizationId, outputs, { generation: inputs.generation });
  await retireOthers(ask, identityId, [clientSecretId, ...retiring.map(idOf)]);
  // Who tried a revoked one a few times has locked the new one out with it.
  if (state !== undefined) await clearLockouts(ask, identityId);
  return outputs;
}

async function automationIdentity(ask: Ask, inputs: Inputs, organizationId: string): Promise<string> {
  const wanted = { name: inputs.automation, role: AUTOMATION_ROLE, owner: inputs.owner };
  const identity = await findOrCreate(
    async () => (await findIdentities(ask, wanted.name)).find((candidate) => candidate.owner === inputs.owner),
    () => createIdentity(ask, organizationId, wanted),
  );
  if (identity.role !== wanted.role) await updateIdentity(ask, identity, wanted);
  return identity.id;
}

/** An identity in the place of one that somebody deleted: it gets into the projects that the administrator administers. */
async function joinProjects(ask: Ask, identityId: string): Promise<void> {
  for (const projectId of await listProjectIds(ask)) {
    const member = { projectId, identityId };
    if ((await getMemberRoles(ask, member)) === undefined) await addMember(ask, member, "admin");
  }
}

function idOf({ id }: { id: string }): string {
  return id;
}

/** All that use it get the new one in the same run; an interrupted one has the lifetime of a token to be brought to its end. */
function endOfGrace(): string {
  return new Date(Date.now() + DEFAULT_UNIVERSAL_AUTH.accessTokenTTL * 1_000).toISOString();
}

async function retireOthers(ask: Ask, identityId: string, keep: string[]): Promise<void> {
  const others = (await listClientSecrets(ask, identityId)).filter(({ id }) => !keep.includes(id));
  for (const other of others) await revokeClientSecret(ask, identityId, other.id);
}

async function read(_id: string, state: State) {
  const config = await instanceConfig(state.url);
  if (!config.initialized) return undefined;
  if (config.allowSignUp) tellFinding(`strangers may sign up at ${state.url}`);
  const works = await automationWorks(state);
  const { url, login, automation, owner, generation } = state;
  const { organizationId, identityId, clientId, clientSecret, clientSecretId, retiring = [] } = state;
  return {
    inputs: {
      url,
      login,
      automation,
      owner,
      generation,
      organization: works ? await organizationName(askAs(connectionOf(state))) : state.organization,
      allowSignUp: config.allowSignUp,
    },
    outputs: { organizationId, identityId, clientId, clientSecret, clientSecretId, retiring },
    complete: works,
  };
}

function connectionOf({ url, clientId, clientSecret }: State): Connection {
  return { url, clientId, clientSecret };
}

/** Whether the automation identity may log in and has its role; to read itself it needs one. */
async function automationWorks(state: State): Promise<boolean> {
  if (!(await credentialWorksInRun(connectionOf(state)))) return false;
  try {
    return (await getIdentity(askAs(connectionOf(state)), state.identityId))?.role === AUTOMATION_ROLE;
  } catch (thrown) {
    if (isStatus(thrown, 403)) return false;
    throw thrown;
  }
}

export interface AdministratorArgs {
  /** Address of the server, made from configuration only: a value from a container gives updates that are none. */
  url: string;
  login: { email: pulumi.Input<string>; password: pulumi.Input<string> };
  organization: string;
  owner: string;
  /** @default 1 */
  generation?: number;
}

/** The first administrator of an instance, its organization, and the machine identity that the program works as. */
export class Administrator extends DynamicResource {
  declare readonly organizationId: pulumi.Output<string>;
  declare readonly clientId: pulumi.Output<string>;
  declare readonly clientSecret: pulumi.Output<string>;

  constructor(name: string, args: AdministratorArgs, opts?: pulumi.CustomResourceOptions) {
    const computed = {
      organizationId: undefined,
      identityId: undefined,
      clientId: undefined,
      clientSecret: undefined,
      clientSecretId: undefined,
      retiring: undefined,
    };
    const inputs = { generation: 1, ...args, allowSignUp: false, automation: "pulumi-automation", ...computed };
    const secretOutputs = pulumi.mergeOptions({ additionalSecretOutputs: ["clientSecret"] }, opts);
    super(administratorProvider, name, inputs, secretOutputs, "infisical", "Administrator");
  }
}
