import { isStatus } from "../../infra/api/fault";
import { listFolderTree } from "../../infra/api/folders";
import type { Ask } from "../../infra/api/http";
import { listImports, type SecretImport } from "../../infra/api/imports";
import { listMembers, type Member } from "../../infra/api/members";
import { findProject, type Project } from "../../infra/api/projects";
import { listSecrets, type Secret } from "../../infra/api/secrets";
import { listTags, type Tag } from "../../infra/api/tags";
import { listWebhooks, type Webhook } from "../../infra/api/webhooks";
import { Failure } from "./failure";

/** A project as the server has it, with everything that a blueprint can say of it. */
export interface LiveProject {
  project: Project;
  tags: Tag[];
  members: Member[];
  /** By environment, in their order. */
  environments: { slug: string; name: string; folders: LiveFolder[] }[];
}

export interface LiveFolder {
  path: string;
  description: string;
  secrets: Secret[];
  imports: SecretImport[];
  webhooks: Webhook[];
}

/** @throws Failure when there is no such project, or one that the caller may not see. */
export async function requireProject(ask: Ask, slug: string): Promise<Project> {
  let project: Project | undefined;
  try {
    project = await findProject(ask, slug);
  } catch (thrown) {
    if (!isStatus(thrown, 403)) throw thrown;
    throw new Failure(`project "${slug}" is there, and this account is no member of it: make it one, in the web page.`);
  }
  if (project === undefined)
    throw new Failure(`there is no project with the slug "${slug}" that this account can see.`);
  return project;
}

/** Reads a project: one request for each folder's secrets, imports and webhooks. */
export async function readLiveProject(ask: Ask, slug: string): Promise<LiveProject> {
  const project = await requireProject(ask, slug);
  const environments = [];
  for (const { slug: environment, name } of project.environments) {
    environments.push({ slug: environment, name, folders: await readFolders(ask, project.id, environment) });
  }
  return { project, environments, tags: await listTags(ask, project.id), members: await listMembers(ask, project.id) };
}

async function readFolders(ask: Ask, projectId: string, environment: string): Promise<LiveFolder[]> {
  const tree = await listFolderTree(ask, { projectId, environment });
  const folders: LiveFolder[] = [];
  for (const { path, description } of [{ path: "/", description: "" }, ...tree]) {
    const place = { projectId, environment, secretPath: path };
    const [secrets, imports, webhooks] = await Promise.all([
      listSecrets(ask, place),
      listImports(ask, place),
      listWebhooks(ask, place),
    ]);
    folders.push({ path, description, secrets: secrets ?? [], imports: imports ?? [], webhooks });
  }
  return folders;
}
