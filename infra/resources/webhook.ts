import type * as pulumi from "@pulumi/pulumi";
import { isStatus, orNothing, refusal } from "../api/fault";
import { findOrCreate } from "../api/find-or-create";
import type { Ask } from "../api/http";
import type { SecretsPlace } from "../api/secrets";
import { askAs, type Connection } from "../api/session";
import { createWebhook, deleteWebhook, listWebhooks, setWebhookEnabled, type Webhook as Found } from "../api/webhooks";
import type { ConnectionInput } from "./connection";
import { defineProvider, type Known, type Save } from "./crud";
import { DynamicResource } from "./dynamic-resource";
import { gone } from "./gone";

interface Inputs {
  connection: Connection;
  projectId: string;
  environment: string;
  path: string;
  url: string;
  type: string;
  /** Signs what is sent; the server never shows it again. */
  secret: string;
  enabled: boolean;
}

interface Outputs {
  /** It was there before this stack. */
  adopted: boolean;
}

type State = Inputs & Outputs;

const webhookProvider = defineProvider<Inputs, Outputs>({
  noun: "Webhook",
  title: (inputs) => `to ${new URL(inputs.url).host} for ${inputs.environment}:${inputs.path}`,
  revision: 1,
  secrets: ["connection.clientSecret", "secret"],
  // The server changes nothing of a webhook but whether it is on.
  replaceOn: ["projectId", "environment", "path", "url", "type", "secret"],
  converge,
  read,
  remove,
});

async function converge(inputs: Inputs, known: Known<State> | undefined, save: Save<Outputs>) {
  const ask = askAs(inputs.connection);
  let adopted = known?.state.adopted ?? true;
  const found =
    known === undefined
      ? await findOrCreate(
          async () => (await listWebhooks(ask, placeOf(inputs))).find((one) => isSame(one, inputs)),
          () => {
            adopted = false;
            return create(ask, inputs);
          },
        )
      : (await listWebhooks(ask, placeOf(inputs))).find(({ id }) => id === known.id);
  if (found === undefined) throw gone();
  save(found.id, { adopted });
  if (found.enabled !== inputs.enabled) await setWebhookEnabled(ask, found.id, inputs.enabled);
  return { id: found.id, outputs: { adopted } };
}

async function create(ask: Ask, inputs: Inputs): Promise<Found> {
  try {
    return await createWebhook(ask, placeOf(inputs), inputs);
  } catch (thrown) {
    // The server says "Something went wrong" when it cannot find the host.
    if (!isStatus(thrown, 500)) throw thrown;
    throw refusal(
      `the server takes no webhook to ${new URL(inputs.url).host} (${thrown.message}). ` +
        "It answers so when it cannot resolve the host name: the name must be known where the server runs.",
    );
  }
}

function isSame(seen: Found, inputs: Inputs): boolean {
  return seen.url === inputs.url && seen.type === inputs.type;
}

async function read(id: string, state: State) {
  const there = await orNothing(() => listWebhooks(askAs(state.connection), placeOf(state)));
  const found = there?.find((one) => one.id === id);
  if (found === undefined) return undefined;
  const { connection, projectId, environment, path, secret, adopted } = state;
  const { url, type, enabled } = found;
  return { inputs: { connection, projectId, environment, path, secret, url, type, enabled }, outputs: { adopted } };
}

async function remove(id: string, state: State): Promise<void> {
  if (!state.adopted) await deleteWebhook(askAs(state.connection), id);
}

function placeOf({ projectId, environment, path }: Inputs): SecretsPlace {
  return { projectId, environment, secretPath: path };
}

export interface WebhookArgs {
  connection: ConnectionInput;
  projectId: pulumi.Input<string>;
  environment: string;
  path: string;
  /** A public address. */
  url: string;
  /** `general`, `slack`, `microsoft-teams`. */
  type: string;
  /** Empty: what is sent is not signed. */
  secret: pulumi.Input<string>;
  enabled: boolean;
}

/** A call that the server makes when a secret of a folder changes. */
export class Webhook extends DynamicResource {
  constructor(name: string, args: WebhookArgs, opts?: pulumi.CustomResourceOptions) {
    super(webhookProvider, name, { ...args, adopted: undefined }, opts, "infisical", "Webhook");
  }
}
