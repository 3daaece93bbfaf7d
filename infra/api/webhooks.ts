import { at, objectsAt, optionalString, stringAt, type Json } from "./answer";
import { isNotFound } from "./fault";
import type { Ask } from "./http";
import type { SecretsPlace } from "./secrets";

/**
 * A call that the server makes when a secret of a folder changes. Recorded are only its refusals of own addresses and of
 * host names that cannot be found; the rest follows Infisical's documentation.
 */
export interface Webhook {
  id: string;
  url: string;
  type: string;
  enabled: boolean;
}

export interface WantedWebhook {
  url: string;
  type: string;
  /** Signs what is sent; never given back. Empty: not signed. */
  secret: string;
}

const WEBHOOKS = "/api/v1/webhooks";

export async function listWebhooks(ask: Ask, { projectId, environment, secretPath }: SecretsPlace): Promise<Webhook[]> {
  const query = { projectId, environment, secretPath };
  return objectsAt(await ask({ method: "GET", path: WEBHOOKS, query }), "webhooks").map(webhookOf);
}

/** Makes a webhook. @throws status 400 for an address of an own network, 500 for a host name that is not known. */
export async function createWebhook(ask: Ask, place: SecretsPlace, wanted: WantedWebhook): Promise<Webhook> {
  const { projectId, environment, secretPath } = place;
  const body = {
    projectId,
    environment,
    secretPath,
    webhookUrl: wanted.url,
    type: wanted.type,
    ...(wanted.secret === "" ? {} : { webhookSecretKey: wanted.secret }),
  };
  return webhookOf(at(await ask({ method: "POST", path: WEBHOOKS, body }), "webhook") as Json);
}

export async function setWebhookEnabled(ask: Ask, id: string, enabled: boolean): Promise<void> {
  await ask({ method: "PATCH", path: `${WEBHOOKS}/${id}`, body: { isDisabled: !enabled } });
}

/** Deletes a webhook; one that is gone already is fine. */
export async function deleteWebhook(ask: Ask, id: string): Promise<void> {
  try {
    await ask({ method: "DELETE", path: `${WEBHOOKS}/${id}` });
  } catch (thrown) {
    if (!isNotFound(thrown)) throw thrown;
  }
}

function webhookOf(entry: Json): Webhook {
  return {
    id: stringAt(entry, "id"),
    url: optionalString(entry, "url") ?? "",
    type: optionalString(entry, "type") ?? "general",
    enabled: entry.isDisabled !== true,
  };
}
