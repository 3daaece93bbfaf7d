import * as pulumi from "@pulumi/pulumi";
import { folderOfGrant, type GrantPlan } from "./blueprint/schema";
import type { Server } from "./components/server";
import type { Workspace } from "./components/workspace";
import type { Settings } from "./config";

/** What an application gets that logs in as one of the identities. */
interface Application {
  projectId: pulumi.Output<string> | undefined;
  environment: string | undefined;
  secretPath: string | undefined;
  clientId: pulumi.Output<string> | undefined;
  clientSecret: pulumi.Output<string> | undefined;
}

/** What the stack tells: where the server is, what an application needs to read its secrets, who administers. */
export function outputsOf(settings: Settings, server: Server, workspace: Workspace): pulumi.Inputs {
  const names = Object.keys(settings.plan.identities);
  const [first] = names;
  const application = applicationOf(settings, workspace, first);
  return {
    url: server.url,
    healthEndpoint: `${server.url}/api/status`,
    projectSlug: slugOf(settings, first),
    ...(first === undefined ? {} : { identityId: workspace.identities[first]?.identityId }),
    ...given(application),
    ...(workspace.adminPassword === undefined
      ? {}
      : { adminEmail: settings["admin.email"], adminPassword: pulumi.secret(workspace.adminPassword) }),
    dotenv: dotenvOf(server.url, application),
    identities: Object.fromEntries(
      names.map((name) => {
        const one = applicationOf(settings, workspace, name);
        const { identityId } = workspace.identities[name] ?? {};
        const projectSlug = slugOf(settings, name);
        return [name, { identityId, projectSlug, ...given(one), dotenv: dotenvOf(server.url, one) }];
      }),
    ),
  };
}

/** An identity's credential, and the first place that it was granted. */
function applicationOf(settings: Settings, workspace: Workspace, name: string | undefined): Application {
  const grant = grantOf(settings, name);
  const credentials = name === undefined ? undefined : workspace.identities[name];
  return {
    projectId: workspace.projects[slugOf(settings, name)]?.id,
    environment: grant?.environment,
    secretPath: grant === undefined ? undefined : folderOfGrant(grant),
    clientId: credentials?.clientId,
    clientSecret: credentials?.clientSecret === undefined ? undefined : pulumi.secret(credentials.clientSecret),
  };
}

function grantOf({ plan }: Settings, name: string | undefined): GrantPlan | undefined {
  return name === undefined ? undefined : plan.identities[name]?.grants[0];
}

function slugOf(settings: Settings, name: string | undefined): string {
  return grantOf(settings, name)?.project ?? Object.keys(settings.plan.projects)[0] ?? "";
}

/** Without what is not there: Pulumi warns of an output that is nothing. */
function given(application: Application): Partial<Application> {
  return Object.fromEntries(Object.entries(application).filter(([, value]) => value !== undefined));
}

/** The environment of an application that uses one of Infisical's SDKs. */
function dotenvOf(url: string, application: Application): pulumi.Output<string> {
  const { projectId, environment, secretPath, clientId, clientSecret } = application;
  return pulumi.secret(pulumi.interpolate`INFISICAL_HOST=${url}
INFISICAL_PROJECT_ID=${projectId ?? ""}
INFISICAL_CLIENT_ID=${clientId ?? ""}
INFISICAL_CLIENT_SECRET=${clientSecret ?? ""}
INFISICAL_ENV=${environment ?? ""}
INFISICAL_PATH=${secretPath ?? ""}
`);
}

/** What a person should know before they rely on the stack. */
export function noticesFor(settings: Settings, workspace: Workspace): pulumi.Output<string[]> {
  const sandbox =
    settings.target === "sandbox" ? ["sandbox, not Infisical: for trying things out, never for real secrets"] : [];
  // Pulumi cuts an output of more than 150 characters.
  const stack = settings.stack === "dev" ? "" : ` -s ${settings.stack}`;
  const unset = settings.unset.map(
    (name) =>
      `${name} is a placeholder until you set it: npm run pulumi -- config set --secret ${name}${stack}, ` +
      `npm run up${stack === "" ? "" : ` --${stack}`}`,
  );
  const clear = settings.url.startsWith("http:") && settings.target === "external" && !isLoopback(settings.url);
  const https = clear ? [`${settings.url} is not https: credentials and secrets cross the network in clear`] : [];
  return workspace.unfilled.apply((keys) => [
    ...sandbox,
    ...https,
    ...unset,
    ...keys.map((key) => `${key} holds a placeholder: fill it in, in Infisical`),
  ]);
}

function isLoopback(url: string): boolean {
  return /^(localhost|127\.|\[::1\])/.test(new URL(url).hostname);
}
