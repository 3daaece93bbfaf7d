import * as pulumi from "@pulumi/pulumi";
import type { GrantPlan, IdentityPlan } from "../blueprint/schema";
import type { Settings } from "../config";
import { Administrator } from "../resources/administrator";
import { ClientSecret } from "../resources/client-secret";
import { Identity, type IdentityArgs } from "../resources/identity";
import type { Project } from "../resources/project";
import { ProjectAccess } from "../resources/project-access";
import { generatePassword } from "./generated-keys";
import { privilegesOf } from "./permissions";
import { ProjectTree } from "./project-tree";
import { after, mapValues, type Scope } from "./scope";
import type { Account, Server } from "./server";

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
  /** Nothing on a server that has its administrator already. */
  readonly adminPassword: pulumi.Output<string> | undefined;
  /** By slug. */
  readonly projects: { readonly [slug: string]: Project };
  /** By name. */
  readonly identities: { readonly [name: string]: Credentials };
  /** Keys that still hold the placeholder which people are to replace, as `project environment:path/KEY`. */
  readonly unfilled: pulumi.Output<string[]>;

  constructor(name: string, settings: Settings, server: Server, opts?: pulumi.ComponentResourceOptions) {
    super("infisical:index:Workspace", name, {}, opts);
    const inServer = { parent: this, ...goesWith(server) };
    this.adminPassword = server.account === undefined ? passwordOf(name, settings, this) : undefined;
    const account = server.account ?? administer(settings, server.url, this.adminPassword ?? "", inServer);
    const scope = { settings, parent: this, inServer, ...account };
    const trees = mapValues(settings.plan.projects, (slug, plan) => new ProjectTree(slug, plan, scope));
    this.projects = mapValues(trees, (_slug, { project }) => project);
    this.unfilled = pulumi.all(Object.values(trees).map((tree) => tree.unfilled)).apply((lists) => lists.flat());
    this.identities = mapValues(settings.plan.identities, (identity, plan) =>
      makeIdentity(scope, identity, plan, this.projects),
    );
    this.registerOutputs({});
  }
}

/** What lives in a server goes with its data, where that is ours; elsewhere it is deleted piece by piece. */
function goesWith({ ready, data }: Server): pulumi.CustomResourceOptions {
  return {
    ...(ready === undefined ? {} : { dependsOn: [ready] }),
    ...(data === undefined ? {} : { deletedWith: data, replaceWith: [data] }),
  };
}

function passwordOf(name: string, settings: Settings, parent: pulumi.Resource): pulumi.Output<string> {
  const given = settings["admin.password"];
  return given === undefined ? generatePassword(`${name}-admin-password`, { parent }) : pulumi.secret(given);
}

function administer(
  settings: Settings,
  url: string,
  password: pulumi.Input<string>,
  inServer: pulumi.CustomResourceOptions,
): Account {
  const { organizationId, clientId, clientSecret } = new Administrator(
    "administrator",
    {
      url,
      login: { email: settings["admin.email"], password },
      organization: settings["admin.organization"],
      owner: settings.owner,
      generation: settings["automation.generation"],
    },
    inServer,
  );
  return { connection: { url, clientId, clientSecret }, organizationId };
}

function makeIdentity(
  scope: Scope,
  name: string,
  plan: IdentityPlan,
  projects: { readonly [slug: string]: Project },
): Credentials {
  const { connection, organizationId, settings } = scope;
  const { owner } = settings;
  const args = { connection, organizationId, name, universalAuth: universalAuthOf(plan), owner };
  const identity = new Identity(name, args, scope.inServer);
  const { ttl, uses, grace, rotateAfter = 0 } = plan.clientSecret;
  const credential = new ClientSecret(
    `${name}-client-secret`,
    {
      connection,
      identityId: identity.id,
      generation: settings.generationOf(name),
      revokedThrough: settings.revokedThrough(name),
      ttl,
      numUsesLimit: uses,
      grace,
      rotateAfter,
      owner,
    },
    after(scope, [identity]),
  );
  for (const [slug, grants] of byProject(plan.grants)) {
    const projectId = projects[slug]?.id ?? "";
    const acknowledge = grants.flatMap((grant) => grant.acknowledge ?? []);
    const reasons = acknowledge.length === 0 ? {} : { acknowledge };
    const access = { connection, projectId, identityId: identity.id, privileges: privilegesOf(grants), ...reasons };
    new ProjectAccess(`${name}-in-${slug}`, access, after(scope, [identity]));
  }
  return { identityId: identity.id, clientId: identity.clientId, clientSecret: credential.clientSecret };
}

function universalAuthOf({ token, lockout, trustedIps }: IdentityPlan): IdentityArgs["universalAuth"] {
  return {
    accessTokenTTL: token.ttl,
    accessTokenMaxTTL: token.maxTtl,
    accessTokenNumUsesLimit: token.uses,
    accessTokenPeriod: token.period,
    accessTokenTrustedIps: trustedIps,
    clientSecretTrustedIps: trustedIps,
    lockoutEnabled: lockout.enabled,
    lockoutThreshold: lockout.threshold,
    lockoutDurationSeconds: lockout.duration,
    lockoutCounterResetSeconds: lockout.counterReset,
  };
}

function byProject(grants: GrantPlan[]): Map<string, GrantPlan[]> {
  const grouped = new Map<string, GrantPlan[]>();
  for (const grant of grants) grouped.set(grant.project, [...(grouped.get(grant.project) ?? []), grant]);
  return grouped;
}
