import { isIP } from "node:net";
import { badRequest, notServed, somethingWentWrong } from "../http/api-error.js";
import { addRoute, ANYBODY, z } from "../http/route.js";
import type { RouteFile } from "./route-file.js";

/**
 * Webhooks as far as they were recorded: on a server that resolves no names. Addresses of the own network are refused,
 * every host name is 500, and so there is never one to list.
 */
export const addWebhookRoutes: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v1/webhooks",
    access: ANYBODY,
    body: z.object({
      type: z.enum(["general", "slack"]).default("general"),
      projectId: z.string().trim(),
      environment: z.string().trim(),
      webhookUrl: z.string().url().trim(),
      secretPath: z.string().trim().default("/"),
      webhookSecretKey: z.string().trim().optional(),
    }),
    async handle({ actor, body }) {
      (await sandbox.permissions.inProject(actor, body.projectId)).require("create", "webhooks");
      const host = new URL(body.webhookUrl).hostname.replace(/^\[|\]$/g, "");
      if (isLocal(host)) throw badRequest("Local IPs not allowed as URL");
      if (isIP(host) === 0) throw somethingWentWrong();
      throw notServed("a webhook (its success was never recorded)");
    },
  });
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/webhooks",
    access: ANYBODY,
    query: z.object({
      projectId: z.string().trim(),
      environment: z.string().optional(),
      secretPath: z.string().optional(),
    }),
    async handle({ actor, query }) {
      (await sandbox.permissions.inProject(actor, query.projectId)).require("read", "webhooks");
      return { message: "Successfully fetched webhook", webhooks: [] };
    },
  });
};

const LOCAL = [
  /^127\./,
  /^10\./,
  /^192\.168\./,
  /^172\.(1[6-9]|2\d|3[01])\./,
  /^169\.254\./,
  /^0\./,
  /^::1?$/,
  /^f[cd]/i,
  /^fe80:/i,
];

const isLocal = (host: string): boolean =>
  host === "localhost" || (isIP(host) !== 0 && LOCAL.some((pattern) => pattern.test(host)));
