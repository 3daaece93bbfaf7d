import { z } from "zod";
import { closeSession, instanceConfig, openSession, type AdministratorLogin } from "../../infra/api/administrator";
import { isFault } from "../../infra/api/fault";
import { credentialWorks, type Connection } from "../../infra/api/session";
import { automationIn, clear, resourcesIn, type Deployment } from "./deployment";

/** Who a server belongs to, as far as this stack can tell. */
export interface BootstrapState {
  /**
   * `fresh`: nobody has set it up; `ours`: the stack's automation identity logs in; `ours, credential lost`: only the
   * administrator's password is good, and `up` makes a new credential; `foreign`: it has another administrator;
   * `unclear`: it does not answer as Infisical does.
   */
  state: "fresh" | "ours" | "ours, credential lost" | "foreign" | "unclear";
  /** For a person: what was seen, and what to do. */
  story: string;
}

/** What a stack knows of its server; everything of it may be missing after a broken first run. */
export interface ServerKnowledge {
  url: string;
  login: AdministratorLogin | undefined;
  automation: Omit<Connection, "url"> | undefined;
}

/** Asks a server who it belongs to. Changes nothing, except that the session it may need is ended again. */
export async function bootstrapState({ url, login, automation }: ServerKnowledge): Promise<BootstrapState> {
  try {
    const { initialized } = await instanceConfig(url);
    if (!initialized) return { state: "fresh", story: `nobody has set up ${url}; up makes its administrator` };
    if (automation !== undefined && (await credentialWorks({ url, ...automation }))) {
      return { state: "ours", story: `the automation identity logs in to ${url}` };
    }
    return await byPassword(url, login);
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return { state: "unclear", story: thrown.message };
  }
}

async function byPassword(url: string, login: AdministratorLogin | undefined): Promise<BootstrapState> {
  const session = login === undefined ? undefined : await openSession(url, login);
  if (session !== undefined) {
    await closeSession(url, session);
    return {
      state: "ours, credential lost",
      story: `${url} takes the administrator's password, and the automation identity has no good credential; up makes one`,
    };
  }
  const tried = login === undefined ? "this stack knows no administrator" : `it refuses the password of ${login.email}`;
  return {
    state: "foreign",
    story:
      `${url} has an administrator already, and ${tried}. If the server is yours: pulumi config set admin.email ..., ` +
      "pulumi config set --secret admin.password. If not: another port or an empty database.",
  };
}

const administrator = z.object({ url: z.string(), login: z.object({ email: z.string(), password: z.string() }) });

/** What a stack's state knows of its server; nothing before its administrator is in it. The secrets stay in memory. */
export function serverKnowledge(state: Deployment): ServerKnowledge | undefined {
  const found = resourcesIn(state).find(({ type }) => type.endsWith("infisical:Administrator"));
  const inputs = administrator.safeParse(clear(found?.inputs));
  return inputs.success ? { ...inputs.data, automation: automationIn(state) } : undefined;
}
