import { addEnvironmentRoutes } from "./environments.js";
import { addFolderRoutes } from "./folders.js";
import { addHistoryRoutes } from "./history.js";
import type { RouteFile } from "./route-file.js";
import { addLicensedRoutes } from "./licensed.js";
import { addProjectRoutes } from "./projects.js";
import { addSecretBatchRoutes } from "./secret-batches.js";
import { addSecretImportRoutes } from "./secret-imports.js";
import { addSecretReadRoutes } from "./secrets-read.js";
import { addSecretWriteRoutes } from "./secrets-write.js";
import { addTagRoutes } from "./tags.js";
import { addWebhookRoutes } from "./webhooks.js";

/** What lives in a project: environments, folders, secrets and what hangs on them. */
export const projectRoutes: readonly RouteFile[] = [
  addProjectRoutes,
  addEnvironmentRoutes,
  addFolderRoutes,
  addTagRoutes,
  addSecretReadRoutes,
  addSecretWriteRoutes,
  addSecretBatchRoutes,
  addSecretImportRoutes,
  addHistoryRoutes,
  addWebhookRoutes,
  addLicensedRoutes,
];
