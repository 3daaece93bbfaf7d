import { notFound, notServed, somethingWentWrong } from "../http/api-error.js";
import { addRoute, ANYBODY, USER, z } from "../http/route.js";
import { isUuid } from "../http/uuid.js";
import { findFolder, type FolderPlace } from "../project/folders.js";
import { pathField } from "../project/scoped-fields.js";
import { attributesOf } from "../project/secret-reading.js";
import { HIDDEN, presentSecret, type SecretRow } from "../project/secrets.js";
import type { Sandbox } from "../sandbox.js";
import { queryOne } from "../store/store.js";
import type { RouteFile } from "./route-file.js";

const page = {
  limit: z.coerce.number().int().min(1).max(100).default(20),
  offset: z.coerce.number().int().min(0).default(0),
};

/** What was changed when. Lists are for people: a machine identity gets 403. Going back needs a licence. */
export const addHistoryRoutes: RouteFile = (app, sandbox) => {
  addCommits(app, sandbox);
  addSnapshots(app, sandbox);
  addSingleSnapshot(app, sandbox);
  addVersions(app, sandbox);
};

interface CommitRow {
  readonly id: string;
  readonly number: number;
  readonly snapshot_id: string;
  readonly folder_id: string;
  readonly environment_id: string;
  readonly message: string;
  readonly actor_kind: string;
  readonly actor_id: string;
  readonly actor_name: string;
  readonly created_at: Date;
}

async function commitsIn(sandbox: Sandbox, place: FolderPlace): Promise<CommitRow[]> {
  const folder = await findFolder(sandbox.store, place);
  if (folder === undefined) {
    throw notFound(`Folder with path '${place.path}' in environment with slug '${place.environment}' not found`);
  }
  return sandbox.store.query<CommitRow>("select * from folder_commits where folder_id = $1 order by number desc", [
    folder.id,
  ]);
}

const addCommits: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/pit/commits",
    access: USER,
    query: z.object({ projectId: z.string(), environment: z.string(), path: pathField, ...page }),
    async handle({ actor, query }) {
      (await sandbox.permissions.inProject(actor, query.projectId)).require("read", "commits");
      const commits = await commitsIn(sandbox, query);
      const { offset, limit } = query;
      return {
        commits: commits.slice(offset, offset + limit).map((commit) => ({
          id: commit.id,
          folderId: commit.folder_id,
          actorType: commit.actor_kind,
          actorMetadata: { id: commit.actor_id, name: commit.actor_name },
          message: commit.message,
          commitId: String(commit.number),
          createdAt: commit.created_at,
          envId: commit.environment_id,
        })),
        total: commits.length,
        hasMore: commits.length > offset + limit,
      };
    },
  });
};

const addSnapshots: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/workspace/:projectId/secret-snapshots",
    access: USER,
    params: z.object({ projectId: z.string() }),
    query: z.object({ environment: z.string(), path: pathField, ...page }),
    async handle({ actor, params: { projectId }, query }) {
      (await sandbox.permissions.inProject(actor, projectId)).require("read", "secret-rollback");
      const commits = await commitsIn(sandbox, { projectId, ...query });
      const secretSnapshots = commits.slice(query.offset, query.offset + query.limit).map((commit) => ({
        id: commit.snapshot_id,
        envId: commit.environment_id,
        folderId: commit.folder_id,
        parentFolderId: null,
        createdAt: commit.created_at,
        updatedAt: commit.created_at,
      }));
      return { secretSnapshots };
    },
  });
};

const addSingleSnapshot: RouteFile = (app, sandbox) => {
  const params = z.object({ snapshotId: z.string().trim() });
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/secret-snapshot/:snapshotId",
    access: ANYBODY,
    params,
    async handle({ params: { snapshotId } }) {
      if (!isUuid(snapshotId)) throw somethingWentWrong("FindById");
      if (!(await hasSnapshot(sandbox, snapshotId))) throw notFound(`Snapshot with ID '${snapshotId}' not found`);
      throw notServed("the content of a snapshot");
    },
  });
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v1/secret-snapshot/:snapshotId/rollback",
    access: USER,
    params,
    async handle({ params: { snapshotId } }) {
      if (!isUuid(snapshotId) || !(await hasSnapshot(sandbox, snapshotId))) throw somethingWentWrong();
      throw notServed("going back to a snapshot (it needs a licence on the real server)");
    },
  });
};

async function hasSnapshot(sandbox: Sandbox, id: string): Promise<boolean> {
  const sql = "select 1 as found from folder_commits where snapshot_id = $1";
  return (await queryOne(sandbox.store, sql, [id])) !== undefined;
}

type VersionRow = Omit<SecretRow, "updated_at"> & {
  secret_id: string;
  actor_kind: string;
  actor_id: string;
  actor_name: string;
  membership_id: string | null;
};

const addVersions: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/secret/:secretId/secret-versions",
    access: USER,
    params: z.object({ secretId: z.string() }),
    query: z.object(page),
    async handle({ actor, params: { secretId }, query }) {
      const place = isUuid(secretId)
        ? await queryOne<FolderPlace>(
            sandbox.store,
            `select e.project_id as "projectId", e.slug as environment, f.path from secrets s
              join folders f on f.id = s.folder_id join environments e on e.id = f.environment_id where s.id = $1`,
            [secretId],
          )
        : undefined;
      if (place === undefined) throw notFound(`Secret with ID '${secretId}' not found`);
      const grants = await sandbox.permissions.inProject(actor, place.projectId);
      const versions = await versionsOf(sandbox, place.projectId, secretId, query);
      return {
        secretVersions: versions.map((version) => {
          const mayRead = grants.can("readValue", "secrets", attributesOf(place, version.key, []));
          return presentVersion(sandbox, version, place, mayRead);
        }),
      };
    },
  });
};

function versionsOf(
  sandbox: Sandbox,
  projectId: string,
  secretId: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<VersionRow[]> {
  return sandbox.store.query<VersionRow>(
    `select v.*, m.id as membership_id from secret_versions v left join project_memberships m
        on m.project_id = $1 and v.actor_id = case v.actor_kind when 'user' then m.user_id else m.identity_id end
      where v.secret_id = $2 order by v.version desc limit $3 offset $4`,
    [projectId, secretId, limit, offset],
  );
}

function presentVersion(
  sandbox: Sandbox,
  version: VersionRow,
  place: FolderPlace,
  mayRead: boolean,
): Record<string, unknown> {
  const value = mayRead ? sandbox.vault.decrypt(version.value) : HIDDEN;
  const dated = { ...version, updated_at: version.created_at };
  return {
    ...presentSecret(dated, place, value, sandbox.vault.decrypt(version.comment)),
    actor: {
      actorId: version.actor_id,
      actorType: version.actor_kind,
      name: version.actor_name,
      membershipId: version.membership_id,
      groupId: null,
    },
    secretValueHidden: !mayRead,
  };
}
