import { beforeEach, describe, expect, it } from "vitest";
import { Webhook, type WebhookArgs } from "../../../infra/resources/webhook";
import { Refused, startFake, type FakeInfisical, type Route } from "../../support/fake-infisical";
import { clear, ResourceEngine } from "../../support/resource-engine";

interface Held {
  id: string;
  url: string;
  type: string;
  isDisabled: boolean;
  secretPath: string;
  key: unknown;
}

/**
 * Webhooks as Infisical's documentation tells of them: none of their successes was recorded. The refusals were.
 */
function routesOf(held: Held[]): Route[] {
  const path = /^\/api\/v1\/webhooks$/;
  const one = /^\/api\/v1\/webhooks\/([^/]+)$/;
  const field = (request: { body?: unknown }, name: string): unknown =>
    (request.body as { [name: string]: unknown })[name];
  return [
    {
      ...{ method: "POST", path: /universal-auth\/login$/, open: true },
      answer: (world) => {
        world.tokens.add("token");
        return { accessToken: "token", expiresIn: 7200, tokenType: "Bearer" };
      },
    },
    { ...{ method: "GET", path }, answer: () => ({ webhooks: held.map(({ key: _, ...shown }) => shown) }) },
    {
      ...{ method: "POST", path },
      answer: (_world, request) => {
        const url = String(field(request, "webhookUrl"));
        if (url.includes("unknown")) throw new Refused(500, "InternalServerError", "Something went wrong");
        const made = { id: `w${held.length + 1}`, url, type: String(field(request, "type")), isDisabled: false };
        held.push({
          ...made,
          secretPath: String(field(request, "secretPath")),
          key: field(request, "webhookSecretKey"),
        });
        return { webhook: made };
      },
    },
    {
      ...{ method: "PATCH", path: one },
      answer: (_world, request, [id]) => {
        for (const hook of held) if (hook.id === id) hook.isDisabled = field(request, "isDisabled") === true;
        return { webhook: {} };
      },
    },
    {
      ...{ method: "DELETE", path: one },
      answer: (_world, _request, [id]) => {
        held.splice(
          held.findIndex((hook) => hook.id === id),
          1,
        );
        return { webhook: {} };
      },
    },
  ];
}

describe("a webhook", () => {
  let held: Held[];
  let fake: FakeInfisical;
  let engine: ResourceEngine;

  const webhook = (more: Partial<WebhookArgs> = {}) => {
    const place = { connection: fake.connection, projectId: "p", environment: "dev", path: "/app" };
    const args = { url: "https://1.1.1.1/hook", type: "general", secret: "s3cret", enabled: true };
    return () => new Webhook("webhook", { ...place, ...args, ...more });
  };

  beforeEach(async () => {
    held = [];
    fake = await startFake(routesOf(held));
    engine = new ResourceEngine(webhook());
  });

  it("is made once, signed with its secret, which is nowhere in clear", async () => {
    await engine.up();
    expect(held).toMatchObject([{ url: "https://1.1.1.1/hook", secretPath: "/app", key: "s3cret" }]);
    expect(clear(engine.state?.outputs)).not.toContain("s3cret");
    expect(await engine.up()).toBe("unchanged");
    expect(await engine.refresh()).toBe("same");
  });

  it("is made once when the answer was lost", async () => {
    fake.loseAnswer("POST /api/v1/webhooks");
    await engine.up();
    expect(held).toHaveLength(1);
  });

  it("is switched off in place, and another one at another address", async () => {
    await engine.up();
    expect(await engine.up(webhook({ enabled: false }))).toBe("updated");
    expect(held).toMatchObject([{ isDisabled: true }]);
    expect(await engine.up(webhook({ url: "https://1.0.0.1/hook" }))).toBe("replaced");
    expect(held.map(({ url }) => url)).toEqual(["https://1.0.0.1/hook"]);
  });

  it("that people switched off or deleted is put right", async () => {
    await engine.up();
    for (const hook of held) hook.isDisabled = true;
    expect(await engine.refresh()).toBe("changed");
    expect(await engine.up()).toBe("updated");
    expect(held).toMatchObject([{ isDisabled: false }]);
    held.splice(0);
    expect(await engine.refresh()).toBe("gone");
  });

  it("goes with the stack, unless it was there before", async () => {
    await engine.up();
    await engine.destroy();
    expect(held).toEqual([]);
    held.push({
      id: "w9",
      url: "https://1.1.1.1/hook",
      type: "general",
      isDisabled: false,
      secretPath: "/app",
      key: "",
    });
    await engine.up();
    await engine.destroy();
    expect(held).toHaveLength(1);
  });

  it("whose host the server does not know is refused with the reason", async () => {
    const unknown = new ResourceEngine(webhook({ url: "https://unknown.example/hook" }));
    await expect(unknown.up()).rejects.toThrow(/takes no webhook to unknown\.example.*resolve the host name/s);
  });
});
