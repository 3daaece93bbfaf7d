import { closeSession, openSession } from "../../infra/api/administrator";
import type { Ask } from "../../infra/api/http";
import { askAs, askWith } from "../../infra/api/session";
import { externalAccountOf } from "../../infra/external-account";
import { settingsSchema } from "../../infra/settings-schema";
import { Failure } from "./failure";
import { askPulumi, stackOutputs, upCommand } from "./pulumi";
import { settingIn, stackFileOf, targetIn } from "./stack-file";
import type { Workspace } from "./workspace";

/** The server of a stack, as it is now, beside everything that Pulumi knows of it. */
export interface Live {
  url: string;
  ask: Ask;
  /** Histories of secrets are shown to people only. */
  as: "administrator" | "machine identity";
}

/** Asks the stack's server: as its administrator, or with target `external` as the identity of the configuration. */
export async function withLive<T>(workspace: Workspace, work: (live: Live) => Promise<T>): Promise<T> {
  if (targetIn(stackFileOf(workspace)) === "external") return work(await external(workspace));
  const outputs = await stackOutputs(workspace);
  const url = String(outputs.url ?? "");
  if (url === "") throw new Failure(`stack ${workspace.stack} has no server yet: ${upCommand(workspace.stack)}`);
  const session = await openSession(url, {
    email: String(outputs.adminEmail),
    password: String(outputs.adminPassword),
  });
  if (session === undefined) throw new Failure(`${url} refuses the administrator's password that the stack knows.`);
  try {
    return await work({ url, ask: askWith(url, session), as: "administrator" });
  } finally {
    await closeSession(url, session).catch(() => {});
  }
}

async function external(workspace: Workspace): Promise<Live> {
  const url = settingIn(stackFileOf(workspace), "external.url") ?? "";
  const values = settingsSchema.parse({
    target: "external",
    "external.url": url,
    ...(await secretSettings(workspace)),
  });
  const { account, problems } = externalAccountOf(values, process.env);
  if (problems.length > 0) throw new Failure(problems.join("\n"));
  return { url, ask: askAs({ url, ...account }), as: "machine identity" };
}

/** What the configuration says of the account; secrets among it are decrypted. */
async function secretSettings(workspace: Workspace): Promise<{ [name: string]: string }> {
  const { stdout } = await askPulumi(workspace, ["config", "--json", "--show-secrets", "--stack", workspace.stack]);
  const config = JSON.parse(stdout) as { [key: string]: { value?: unknown } };
  const names = ["external.clientId", "external.clientSecret", "external.token"];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = config[`infisical:${name}`]?.value;
      return typeof value === "string" ? [[name, value]] : [];
    }),
  );
}
