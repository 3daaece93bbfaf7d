import { notFound } from "../http/api-error.js";
import { addRoute, ANYBODY, z } from "../http/route.js";
import { isUuid } from "../http/uuid.js";
import {
  createFolder,
  deleteFolder,
  folderByIdOrName,
  listFolders,
  presentFolder,
  renameFolder,
  type FolderPlace,
  type FolderRow,
} from "../project/folders.js";
import { authorOf } from "../project/history.js";
import { offFlag, pathField, scoped } from "../project/scoped-fields.js";
import { queryOne } from "../store/store.js";
import type { RouteFile } from "./route-file.js";

/** The two versions differ in the name of the project's field, and in that the older one always deletes by force. */
const VERSIONS = [
  { prefix: "/api/v1/folders", project: "workspaceId", alwaysForces: true },
  { prefix: "/api/v2/folders", project: "projectId", alwaysForces: false },
] as const;

const folderName = z.string().superRefine((value, context) => {
  if (/^[a-zA-Z0-9_-]+$/.test(value)) return;
  const message = "Invalid folder name. Only alphanumeric characters, dashes, and underscores are allowed.";
  context.addIssue({ code: z.ZodIssueCode.custom, message });
});
const description = z.string().trim().nullish();
const idParam = z.object({ folderId: z.string() });

const place = { environment: z.string(), path: pathField };

export const addFolderRoutes: RouteFile = (app, sandbox) => {
  addCreation(app, sandbox);
  addListing(app, sandbox);
  addReading(app, sandbox);
  addRenaming(app, sandbox);
  addDeletion(app, sandbox);
};

const attributes = ({ environment, path }: FolderPlace) => ({ environment, secretPath: path });

const addCreation: RouteFile = (app, sandbox) => {
  for (const { prefix, project } of VERSIONS) {
    addRoute(app, sandbox, {
      method: "POST",
      path: prefix,
      access: ANYBODY,
      body: scoped(project, { ...place, name: folderName, description }),
      async handle({ actor, body }) {
        const grants = await sandbox.permissions.inProject(actor, body.projectId);
        grants.require("create", "secret-folders", attributes(body));
        const folder = await sandbox.store.transaction((transaction) =>
          createFolder(transaction, body, body, authorOf(actor)),
        );
        return { folder: { ...presentFolder(folder), path: folder.path } };
      },
    });
  }
};

const addListing: RouteFile = (app, sandbox) => {
  for (const { prefix, project } of VERSIONS) {
    addRoute(app, sandbox, {
      method: "GET",
      path: prefix,
      access: ANYBODY,
      query: scoped(project, { ...place, recursive: offFlag }),
      async handle({ actor, query }) {
        // Every member sees the names of folders, whatever its permissions.
        await sandbox.permissions.inProject(actor, query.projectId);
        const folders = await listFolders(sandbox.store, query, query.recursive);
        return {
          folders: folders.map((folder) => (query.recursive ? withRelativePath(folder, query) : presentFolder(folder))),
        };
      },
    });
  }
};

function withRelativePath(folder: FolderRow, { path }: FolderPlace): Record<string, unknown> {
  return { ...presentFolder(folder), relativePath: path === "/" ? folder.path : folder.path.slice(path.length) };
}

const addReading: RouteFile = (app, sandbox) => {
  for (const { prefix } of VERSIONS) {
    addRoute(app, sandbox, {
      method: "GET",
      path: `${prefix}/:folderId`,
      access: ANYBODY,
      params: idParam,
      async handle({ actor, params }) {
        const folder = isUuid(params.folderId)
          ? await queryOne<FolderRow & { project_id: string; env_name: string; env_slug: string }>(
              sandbox.store,
              `select f.*, e.project_id, e.name as env_name, e.slug as env_slug from folders f
                join environments e on e.id = f.environment_id where f.id = $1 and e.deleted_at is null`,
              [params.folderId],
            )
          : undefined;
        if (folder === undefined) throw notFound(`Folder with ID '${params.folderId}' not found`);
        await sandbox.permissions.inProject(actor, folder.project_id);
        const environment = { envId: folder.environment_id, envName: folder.env_name, envSlug: folder.env_slug };
        return { folder: { ...presentFolder(folder), environment, path: folder.path, projectId: folder.project_id } };
      },
    });
  }
};

const addRenaming: RouteFile = (app, sandbox) => {
  for (const { prefix, project } of VERSIONS) {
    addRoute(app, sandbox, {
      method: "PATCH",
      path: `${prefix}/:folderId`,
      access: ANYBODY,
      params: idParam,
      body: scoped(project, { ...place, name: folderName, description }),
      async handle({ actor, params, body }) {
        const grants = await sandbox.permissions.inProject(actor, body.projectId);
        grants.require("edit", "secret-folders", attributes(body));
        const folder = await sandbox.store.transaction(async (transaction) => {
          const found = await folderByIdOrName(transaction, body, params.folderId, "UpdateFolder");
          return renameFolder(transaction, found, body);
        });
        return { folder: { ...presentFolder(folder), path: folder.path } };
      },
    });
  }
};

const addDeletion: RouteFile = (app, sandbox) => {
  for (const { prefix, project, alwaysForces } of VERSIONS) {
    addRoute(app, sandbox, {
      method: "DELETE",
      path: `${prefix}/:folderId`,
      access: ANYBODY,
      params: idParam,
      body: scoped(project, { ...place, forceDelete: z.boolean().default(false) }),
      async handle({ actor, params, body }) {
        const grants = await sandbox.permissions.inProject(actor, body.projectId);
        grants.require("delete", "secret-folders", attributes(body));
        const force = alwaysForces || body.forceDelete;
        const folder = await sandbox.store.transaction(async (transaction) => {
          const found = await folderByIdOrName(transaction, body, params.folderId, "DeleteFolder");
          await deleteFolder(transaction, found, force, authorOf(actor));
          return found;
        });
        return { folder: presentFolder(folder) };
      },
    });
  }
};
