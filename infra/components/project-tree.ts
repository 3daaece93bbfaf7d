import * as pulumi from "@pulumi/pulumi";
import type { FolderPlan, ProjectPlan, SecretPlan } from "../blueprint/schema";
import { Folder } from "../resources/folder";
import { Project } from "../resources/project";
import { ProjectMembers } from "../resources/project-members";
import { ProjectTags } from "../resources/project-tags";
import { SecretImports } from "../resources/secret-imports";
import { Secrets, type SecretNotes } from "../resources/secrets";
import { Webhook } from "../resources/webhook";
import { generateValue } from "./generated-values";
import { after, mapValues, type Scope } from "./scope";

/** A project of the blueprint with everything in it. */
export class ProjectTree {
  readonly project: Project;
  private readonly unfilledKeys: pulumi.Output<string[]>[] = [];
  private readonly tags: ProjectTags[];
  /** By `environment:path`. */
  private readonly folders = new Map<string, Folder>();

  constructor(
    private readonly slug: string,
    private readonly plan: ProjectPlan,
    private readonly scope: Scope,
  ) {
    const { connection, settings } = scope;
    const { name, description } = plan;
    const environments = Object.entries(plan.environments).map(([environment, title]) => ({
      slug: environment,
      name: title,
    }));
    // An Infisical of somebody else's has people who give themselves access.
    const admins = settings.target === "external" ? [] : [settings["admin.email"]];
    this.project = new Project(slug, { connection, slug, name, description, environments, admins }, scope.inServer);
    this.tags = this.addTags();
    this.addMembers();
    for (const environment of Object.keys(plan.environments)) this.addEnvironment(environment);
    // Imports reach into other environments, so all folders come first.
    for (const environment of Object.keys(plan.environments)) this.addImports(environment);
  }

  private addTags(): ProjectTags[] {
    const { slug, plan, project } = this;
    if (Object.keys(plan.tags).length === 0) return [];
    const args = { connection: this.scope.connection, projectId: project.id, tags: plan.tags };
    return [new ProjectTags(`${slug}-tags`, args, after(this.scope, [project]))];
  }

  private addMembers(): void {
    const { slug, plan, project } = this;
    if (Object.keys(plan.members).length === 0) return;
    const args = { connection: this.scope.connection, projectId: project.id, members: plan.members };
    new ProjectMembers(`${slug}-members`, args, after(this.scope, [project]));
  }

  /** Folders first, each after its parent, then what is in them. */
  private addEnvironment(environment: string): void {
    const planned = this.plan.folders[environment] ?? {};
    for (const path of foldersOf(Object.keys(planned))) this.addFolder(environment, path, planned[path]);
    for (const [path, keys] of Object.entries(this.plan.secrets[environment] ?? {})) {
      this.addSecrets(environment, path, keys, planned[path]?.extraKeys === "prune");
    }
    for (const [path, { webhooks }] of Object.entries(planned)) {
      for (const webhook of webhooks) this.addWebhook(environment, path, webhook);
    }
  }

  private addFolder(environment: string, path: string, planned: FolderPlan | undefined): void {
    const above = this.folders.get(`${environment}:${path.slice(0, path.lastIndexOf("/"))}`);
    const ownProject = this.project.adopted.apply((adopted) => !adopted);
    const args = { ...this.place(environment, path), description: planned?.description ?? "", ownProject };
    const opts = after(this.scope, [above ?? this.project]);
    this.folders.set(`${environment}:${path}`, new Folder(this.nameOf(environment, path), args, opts));
  }

  private addSecrets(environment: string, path: string, keys: { [key: string]: SecretPlan }, prune: boolean): void {
    const name = this.nameOf(environment, path);
    const folder = this.folderOrProject(environment, path);
    const once = Object.entries(keys).filter(([, { ownership }]) => ownership !== "managed");
    const args = {
      ...this.place(environment, path),
      values: mapValues(keys, (key, plan) => this.valueOf(`${name}:${key}`, plan)),
      notes: Object.fromEntries(
        Object.entries(keys)
          .map(([key, plan]): [string, SecretNotes] => [key, notesOf(plan)])
          .filter(([, notes]) => Object.keys(notes).length > 0),
      ),
      seedOnce: once.map(([key]) => key),
      mustFill: once.filter(([, { ownership }]) => ownership === "must-fill").map(([key]) => key),
      prune,
      ownFolder: folder.adopted.apply((adopted) => !adopted),
    };
    const opts = after(this.scope, [folder, ...this.tags]);
    const { unfilled } = new Secrets(`${name}-secrets`, args, opts);
    const named = unfilled.apply((keys: string[] | undefined) =>
      // A run with targets gives nothing for what is not among them and not made yet.
      (keys ?? []).map((key) => `${this.slug} ${environment}:${path} ${key}`),
    );
    this.unfilledKeys.push(named);
  }

  /** Keys that still hold the placeholder which people are to replace: `my-rag dev:/openai-rag KEY`. */
  get unfilled(): pulumi.Output<string[]> {
    return pulumi.all(this.unfilledKeys).apply((lists) => lists.flat());
  }

  private valueOf(name: string, plan: SecretPlan): pulumi.Input<string> {
    if (!("generated" in plan)) return pulumi.secret(this.scope.settings.valueOf(plan));
    return generateValue(name, plan.generated, { parent: this.scope.parent });
  }

  private addImports(environment: string): void {
    for (const [path, { imports }] of Object.entries(this.plan.folders[environment] ?? {})) {
      if (imports.length === 0) continue;
      const sources = imports.map((address) => this.folderOrProject(address.environment, address.path));
      const args = { ...this.place(environment, path), imports };
      const opts = after(this.scope, [this.folderOrProject(environment, path), ...sources]);
      new SecretImports(`${this.nameOf(environment, path)}-imports`, args, opts);
    }
  }

  private addWebhook(environment: string, path: string, webhook: FolderPlan["webhooks"][number]): void {
    const { url, type, enabled, secret } = webhook;
    const value = secret === undefined ? "" : pulumi.secret(this.scope.settings.valueOf(secret));
    const args = { ...this.place(environment, path), url, type, enabled, secret: value };
    const name = `${this.nameOf(environment, path)}-webhook-${new URL(url).host}`;
    new Webhook(name, args, after(this.scope, [this.folderOrProject(environment, path)]));
  }

  private place(environment: string, path: string) {
    return { connection: this.scope.connection, projectId: this.project.id, environment, path };
  }

  private folderOrProject(environment: string, path: string): Folder | Project {
    return this.folders.get(`${environment}:${path}`) ?? this.project;
  }

  private nameOf(environment: string, path: string): string {
    return `${this.slug}-${environment}:${path}`;
  }
}

function notesOf({ comment, tags, metadata }: SecretPlan): SecretNotes {
  return {
    ...(comment === undefined ? {} : { comment }),
    ...(tags === undefined ? {} : { tags }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

/** All folders that are needed for these paths, parents before children; the root is always there. */
export function foldersOf(paths: string[]): string[] {
  const all = paths.flatMap((path) => {
    const parts = path.split("/").filter((part) => part !== "");
    return parts.map((_, depth) => `/${parts.slice(0, depth + 1).join("/")}`);
  });
  return [...new Set(all)].sort();
}
