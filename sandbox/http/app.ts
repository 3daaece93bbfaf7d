import { randomInt } from "node:crypto";
import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { ZodError } from "zod/v3";
import { addFaults } from "../faults.js";
import { registerRoutes } from "../routes/index.js";
import type { Sandbox } from "../sandbox.js";
import { ApiError } from "./api-error.js";
import { addEtag } from "./etag.js";
import { webPage } from "./web-page.js";

/** Header of every answer, so that nobody takes this for the real server. */
export const SANDBOX_HEADER = "x-infisical-sandbox";
export const SANDBOX_NAME = "sandbox, not Infisical";
/** Which process answers: whoever started one can tell it from another that has the port. */
const SANDBOX_PID_HEADER = "x-infisical-sandbox-pid";

/** The whole HTTP side over one sandbox; not listening yet. Closing it closes the sandbox's store too. */
export async function createApp(sandbox: Sandbox): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    genReqId: requestId,
    bodyLimit: 1024 * 1024,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 2000 },
  });
  await app.register(cookie);
  await app.register(formbody);
  app.addHook("onRequest", async (_request, reply) => {
    reply.header(SANDBOX_HEADER, SANDBOX_NAME);
    reply.header(SANDBOX_PID_HEADER, process.pid);
  });
  if (sandbox.settings.faultsEnabled) addFaults(app);
  app.addHook("onRequest", () => sandbox.cache.ready());
  addEtag(app);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => answerUnknownRoute(sandbox, request, reply));
  app.addHook("onClose", () => sandbox.close());
  registerRoutes(app, sandbox);
  return app;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function requestId(): string {
  let id = "req-";
  for (let position = 0; position < 14; position++) id += ALPHABET[randomInt(ALPHABET.length)];
  return id;
}

function answerError(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof ApiError) {
    const details = error.details === undefined ? {} : { details: error.details };
    return send(request, reply, error.statusCode, { message: error.message, ...details, error: error.errorName });
  }
  if (error instanceof ZodError) {
    return send(request, reply, 422, { message: error.issues, error: "ValidationFailure" });
  }
  // Bodies that cannot be parsed or are too big are 500 too: the real server does not tell them apart.
  const code = "code" in error && typeof error.code === "string" ? ` ${error.code}` : "";
  console.error(
    `${request.id} ${request.method} ${request.routeOptions.url ?? ""}${code} ${error.stack ?? error.message}`,
  );
  return send(request, reply, 500, { message: "Something went wrong", error: "InternalServerError" });
}

function send(request: FastifyRequest, reply: FastifyReply, statusCode: number, rest: object): FastifyReply {
  return reply.status(statusCode).send({ reqId: request.id, statusCode, ...rest });
}

function answerUnknownRoute(sandbox: Sandbox, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const isApi = /^\/(api|__sandbox)(\/|\?|$)/.test(request.url);
  if (sandbox.profile.servesWebPage && request.method === "GET" && !isApi) {
    return reply.status(200).type("text/html; charset=utf-8").send(webPage);
  }
  const message = `Route ${request.method}:${request.url} not found`;
  return reply.status(404).send({ message, error: "Not Found", statusCode: 404 });
}
