import type { FastifyInstance } from "fastify";
import type { Sandbox } from "../sandbox.js";
import { projectRoutes } from "./project-routes.js";
import { serverRoutes } from "./server-routes.js";

export function registerRoutes(app: FastifyInstance, sandbox: Sandbox): void {
  for (const addRoutes of [...serverRoutes, ...projectRoutes]) addRoutes(app, sandbox);
}
