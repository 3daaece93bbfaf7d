import * as pulumi from "@pulumi/pulumi";
import type { Server } from "./components/server";
import type { Workspace } from "./components/workspace";
import type { Settings } from "./config";

/** What the stack tells: where the server is, what an application needs to read its secrets, who administers. */
export function outputsOf(settings: Settings, server: Server, workspace: Workspace): pulumi.Inputs {
  const [name, plan] = Object.entries(settings.plan.identities)[0] ?? [];
  const grant = plan?.grants[0];
  const slug = grant?.project ?? Object.keys(settings.plan.projects)[0] ?? "";
  const credentials = name === undefined ? undefined : workspace.identities[name];
  const application = {
    projectId: workspace.projects[slug]?.id,
    environment: grant?.environment,
    secretPath: grant?.path,
    clientId: credentials?.clientId,
    clientSecret: credentials?.clientSecret === undefined ? undefined : pulumi.secret(credentials.clientSecret),
  };
  return {
    url: server.url,
    healthEndpoint: `${server.url}/api/status`,
    projectSlug: slug,
    identityId: credentials?.identityId,
    ...application,
    adminEmail: settings["admin.email"],
    adminPassword: pulumi.secret(workspace.adminPassword),
    dotenv: dotenvOf(server.url, application),
  };
}

/** The environment of an application that uses one of Infisical's SDKs. */
function dotenvOf(
  url: string,
  application: { [name: string]: pulumi.Input<string> | undefined },
): pulumi.Output<string> {
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
export function noticesFor(settings: Settings): string[] {
  const sandbox =
    settings.target === "sandbox" ? ["sandbox, not Infisical: for trying things out, never for real secrets"] : [];
  const unset = settings.unset.map(
    (name) => `${name} is a placeholder until you set it: pulumi config set --secret ${name}, then pulumi up`,
  );
  return [...sandbox, ...unset];
}
