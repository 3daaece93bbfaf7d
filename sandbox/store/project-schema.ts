import type { Profile } from "../profile.js";
import type { Queryable } from "./store.js";

/** Tables of what lives in a project. Edit freely before the first release: a new store is made from this. */
const ID = "id uuid primary key default gen_random_uuid()";
const TIMES = "created_at timestamptz not null default now(), updated_at timestamptz not null default now()";
const ACTOR = "actor_kind text not null, actor_id uuid not null, actor_name text not null";

export const projectSchema: readonly string[] = [
  `create table projects (${ID}, org_id uuid not null references organizations on delete cascade, name text not null,
    slug text not null, description text, type text not null default 'secret-manager',
    has_delete_protection boolean not null default false, ${TIMES}, unique (org_id, slug))`,
  `alter table project_memberships add foreign key (project_id) references projects on delete cascade`,
  `alter table identities add foreign key (project_id) references projects on delete cascade`,
  // deleted_at: kept for 14 days with its slug, where the profile does so.
  `create table environments (${ID}, project_id uuid not null references projects on delete cascade, name text not null,
    slug text not null, position int not null, deleted_at timestamptz, deleted_by_user_id uuid,
    deleted_by_identity_id uuid, ${TIMES}, unique (project_id, slug))`,
  // path: kept beside the tree, so that a folder is found by one look-up.
  `create table folders (${ID}, environment_id uuid not null references environments on delete cascade,
    parent_id uuid references folders on delete cascade, name text not null, path text not null,
    version int not null default 1, description text, last_secret_modified timestamptz, ${TIMES},
    unique (environment_id, path))`,
  `create index folders_of on folders (parent_id)`,
  // value, comment: encrypted. has_references: the value holds a reference, known without decrypting it.
  `create table secrets (${ID}, folder_id uuid not null references folders on delete cascade, key text not null,
    value text not null, comment text not null, has_references boolean not null, version int not null default 1,
    skip_multiline_encoding boolean not null default false, metadata jsonb not null default '[]', ${TIMES})`,
  `create index secrets_by_key on secrets (folder_id, key)`,
  `create table secret_versions (${ID}, secret_id uuid not null references secrets on delete cascade,
    folder_id uuid not null, key text not null, value text not null, comment text not null, version int not null,
    skip_multiline_encoding boolean not null, ${ACTOR}, created_at timestamptz not null default now())`,
  `create index secret_versions_of on secret_versions (secret_id, version)`,
  `create index secret_versions_by_key on secret_versions (folder_id, key, version)`,
  `create table tags (${ID}, project_id uuid not null references projects on delete cascade, slug text not null,
    color text, actor_kind text not null, actor_id uuid not null, ${TIMES}, unique (project_id, slug))`,
  `create table secret_tags (secret_id uuid not null references secrets on delete cascade,
    tag_id uuid not null references tags on delete cascade, primary key (secret_id, tag_id))`,
  `create table secret_imports (${ID}, folder_id uuid not null references folders on delete cascade,
    environment_id uuid not null references environments on delete cascade, import_path text not null,
    position int not null, ${TIMES})`,
  // Also the list of snapshots: each change makes one of both.
  `create table folder_commits (${ID}, number int generated always as identity, snapshot_id uuid not null default gen_random_uuid(),
    folder_id uuid not null references folders on delete cascade, environment_id uuid not null, message text not null,
    ${ACTOR}, created_at timestamptz not null default now())`,
  `create index folder_commits_of on folder_commits (folder_id, number)`,
];

/** Makes or drops the unique index on secret names, which the pinned release does not have yet. */
export async function matchSecretIndex(source: Queryable, profile: Profile): Promise<void> {
  await source.query(
    profile.secretNamesAreUnique
      ? "create unique index if not exists secrets_unique_key on secrets (folder_id, key)"
      : "drop index if exists secrets_unique_key",
  );
}
