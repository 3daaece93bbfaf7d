import type { FastifyInstance } from "fastify";
import type { Sandbox } from "../sandbox.js";

/** What a route file exports: it adds its routes to the app. */
export type RouteFile = (app: FastifyInstance, sandbox: Sandbox) => void;
