import { notFound } from "../http/api-error.js";
import { addRoute, ANYBODY, z } from "../http/route.js";
import { findFolder, type FolderPlace, type FolderRow } from "../project/folders.js";
import { pathField, scoped } from "../project/scoped-fields.js";
import { createImport, importById, importsOf, presentImport, removeImport } from "../project/secret-imports.js";
import type { Sandbox } from "../sandbox.js";
import type { RouteFile } from "./route-file.js";

const VERSIONS = [
  { prefix: "/api/v1/secret-imports", project: "workspaceId", listsProject: false },
  { prefix: "/api/v2/secret-imports", project: "projectId", listsProject: true },
] as const;

const place = { environment: z.string().trim(), path: pathField };

/** Folders whose secrets show in another folder. */
export const addSecretImportRoutes: RouteFile = (app, sandbox) => {
  addCreation(app, sandbox);
  addListing(app, sandbox);
  addDeletion(app, sandbox);
};

const attributes = ({ environment, path }: FolderPlace) => ({ environment, secretPath: path });

async function folderOf(sandbox: Sandbox, where: FolderPlace, errorName: string): Promise<FolderRow> {
  const folder = await findFolder(sandbox.store, where);
  if (folder !== undefined) return folder;
  const { path, environment } = where;
  throw notFound(`Folder with path '${path}' in environment with slug '${environment}' not found`, errorName);
}

const addCreation: RouteFile = (app, sandbox) => {
  for (const { prefix, project } of VERSIONS) {
    addRoute(app, sandbox, {
      method: "POST",
      path: prefix,
      access: ANYBODY,
      body: scoped(project, { ...place, import: z.object(place) }),
      async handle({ actor, body }) {
        const grants = await sandbox.permissions.inProject(actor, body.projectId);
        grants.require("create", "secret-imports", attributes(body));
        const folder = await folderOf(sandbox, body, "CreateImport");
        const row = await sandbox.store.transaction((transaction) =>
          createImport(transaction, folder, body.projectId, body.import),
        );
        return { message: "Successfully created secret import", secretImport: presentImport(row, false) };
      },
    });
  }
};

const addListing: RouteFile = (app, sandbox) => {
  for (const { prefix, project, listsProject } of VERSIONS) {
    addRoute(app, sandbox, {
      method: "GET",
      path: prefix,
      access: ANYBODY,
      query: scoped(project, place),
      async handle({ actor, query }) {
        const grants = await sandbox.permissions.inProject(actor, query.projectId);
        grants.require("read", "secret-imports", attributes(query));
        const folder = await folderOf(sandbox, query, "GetImports");
        const rows = await importsOf(sandbox.store, folder.id);
        const secretImports = rows.map((row) => presentImport(row, listsProject));
        return { message: "Successfully fetched secret imports", secretImports };
      },
    });
  }
};

const addDeletion: RouteFile = (app, sandbox) => {
  for (const { prefix, project } of VERSIONS) {
    addRoute(app, sandbox, {
      method: "DELETE",
      path: `${prefix}/:importId`,
      access: ANYBODY,
      params: z.object({ importId: z.string() }),
      body: scoped(project, place),
      async handle({ actor, params, body }) {
        const grants = await sandbox.permissions.inProject(actor, body.projectId);
        grants.require("delete", "secret-imports", attributes(body));
        const folder = await folderOf(sandbox, body, "DeleteImport");
        const row = await importById(sandbox.store, folder, params.importId);
        await sandbox.store.transaction((transaction) => removeImport(transaction, row));
        return { message: "Successfully deleted secret import", secretImport: presentImport(row, false) };
      },
    });
  }
};
