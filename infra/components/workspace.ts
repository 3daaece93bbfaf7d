import * as pulumi from "@pulumi/pulumi";
import type { GrantPlan, IdentityPlan, ProjectPlan } from "../blueprint/schema";
import type { Settings } from "../config";
import { Administrator } from "../resources/administrator";
import { ClientSecret } from "../resources/client-secret";
import type { ConnectionInput } from "../resources/connection";
import { Folder } from "../resources/folder";
import { Identity } from "../resources/identity";
import { Project } from "../resources/project";
import { ProjectAccess } from "../resources/project-access";
import { Secrets } from "../resources/secrets";
import { DEFAULT_UNIVERSAL_AUTH } from "../resources/universal-auth-defaults";
import { generatePassword } from "./generated-keys";
import { permissionsOf } from "./permissions";
import type { Server } from "./server";

/** An identity that an application logs in with. */
export interface Credentials {
  identityId: pulumi.Output<string>;
  clientId: pulumi.Output<string>;
  clientSecret: pulumi.Output<string>;
}

/**
 * What the blueprint asks for, inside a server: the administrator, projects with environments, folders and secrets, and
 * the machine identities with exactly the access that their grants give.
 */
export class Workspace extends pulumi.ComponentResource {
  readonly adminPassword: pulumi.Output<string>;
  /** By slug. */
  readonly projects: { readonly [slug: string]: Project };
  /** By name. */
  readonly identities: { readonly [name: string]: Credentials };

  private readonly inServer: pulumi.CustomResourceOptions;
  private readonly connection: ConnectionInput;
  private readonly organizationId: pulumi.Output<string>;

  constructor(
    name: string,
    private readonly settings: Settings,
    server: Server,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("infisical:index:Workspace", name, {}, opts);
    this.inServer = { parent: this, dependsOn: [server.ready], deletedWith: server.data, replaceWith: [server.data] };

    const given = settings["admin.password"];
    this.adminPassword =
      given === undefined ? generatePassword(`${name}-admin-password`, { parent: this }) : pulumi.secret(given);
    const administrator = new Administrator(
      "administrator",
      {
        url: server.url,
        login: { email: settings["admin.email"], password: this.adminPassword },
        organization: settings["admin.organization"],
        owner: settings.owner,
      },
      this.inServer,
    );
    this.organizationId = administrator.organizationId;
    this.connection = { url: server.url, clientId: administrator.clientId, clientSecret: administrator.clientSecret };

    this.projects = mapValues(settings.plan.projects, (slug, plan) => this.project(slug, plan));
    this.identities = mapValues(settings.plan.identities, (identity, plan) => this.identity(identity, plan));
    this.registerOutputs({});
  }

  private project(slug: string, plan: ProjectPlan): Project {
    const { connection } = this;
    const environments = Object.entries(plan.environments).map(([environment, title]) => ({
      slug: environment,
      name: title,
    }));
    const admins = [this.settings["admin.email"]];
    const { name, description } = plan;
    const project = new Project(slug, { connection, slug, name, description, environments, admins }, this.inServer);
    for (const environment of Object.keys(plan.environments)) this.environment(project, slug, plan, environment);
    return project;
  }

  /** Folders first, each after its parent, then the secrets in them. */
  private environment(project: Project, slug: string, plan: ProjectPlan, environment: string): void {
    const secrets = plan.secrets[environment] ?? {};
    const folders = new Map<string, Folder>();
    for (const path of foldersOf([...(plan.folders[environment] ?? []), ...Object.keys(secrets)])) {
      const above = folders.get(path.slice(0, path.lastIndexOf("/")));
      const args = { connection: this.connection, projectId: project.id, environment, path };
      folders.set(path, new Folder(`${slug}-${environment}:${path}`, args, this.after([above ?? project])));
    }
    for (const [path, sources] of Object.entries(secrets)) {
      const values = mapValues(sources, (_key, source) => this.settings.valueOf(source));
      const args = { connection: this.connection, projectId: project.id, environment, path, values };
      new Secrets(`${slug}-${environment}:${path}-secrets`, args, this.after([folders.get(path) ?? project]));
    }
  }

  private identity(name: string, plan: IdentityPlan): Credentials {
    const { connection, organizationId } = this;
    const { owner } = this.settings;
    const universalAuth = {
      ...DEFAULT_UNIVERSAL_AUTH,
      accessTokenTTL: plan.token.ttl,
      accessTokenMaxTTL: plan.token.maxTtl,
      accessTokenNumUsesLimit: plan.token.uses,
      accessTokenTrustedIps: plan.trustedIps,
      clientSecretTrustedIps: plan.trustedIps,
    };
    const identity = new Identity(name, { connection, organizationId, name, universalAuth, owner }, this.inServer);
    const secretArgs = { connection, identityId: identity.id, grace: plan.token.ttl, owner };
    const credential = new ClientSecret(`${name}-client-secret`, secretArgs, this.after([identity]));
    for (const [slug, grants] of grantsByProject(plan, Object.keys(this.settings.plan.projects))) {
      const privileges = [{ slug: "stack-access", permissions: grants.map(permissionsOf) }];
      const projectId = this.projects[slug]?.id ?? "";
      new ProjectAccess(
        `${name}-in-${slug}`,
        { connection, projectId, identityId: identity.id, privileges },
        this.after([identity]),
      );
    }
    return { identityId: identity.id, clientId: identity.clientId, clientSecret: credential.clientSecret };
  }

  private after(resources: pulumi.Resource[]): pulumi.CustomResourceOptions {
    return pulumi.mergeOptions(this.inServer, { dependsOn: resources });
  }
}

/** All folders that are needed for these paths, parents before children; the root is always there. */
export function foldersOf(paths: string[]): string[] {
  const all = paths.flatMap((path) => {
    const parts = path.split("/").filter((part) => part !== "");
    return parts.map((_, depth) => `/${parts.slice(0, depth + 1).join("/")}`);
  });
  return [...new Set(all)].sort();
}

function grantsByProject(plan: IdentityPlan, slugs: string[]): Map<string, GrantPlan[]> {
  const grouped = new Map<string, GrantPlan[]>();
  for (const grant of plan.grants) {
    const slug = grant.project ?? slugs[0] ?? "";
    grouped.set(slug, [...(grouped.get(slug) ?? []), grant]);
  }
  return grouped;
}

function mapValues<In, Out>(
  entries: { [key: string]: In },
  change: (key: string, value: In) => Out,
): { [key: string]: Out } {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, change(key, value)]));
}
