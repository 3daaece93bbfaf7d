import { NOTHING_SAID, type WrittenFolder } from "./folder-schema";
import type { WrittenIdentity } from "./identity-schema";
import { EVERY_ENVIRONMENT } from "./names";
import type {
  Blueprint,
  FolderAddress,
  FolderPlan,
  GrantPlan,
  IdentityPlan,
  ProjectPlan,
  SecretPlan,
  WrittenBlueprint,
  WrittenProject,
} from "./schema";

/** Puts in its place what a blueprint leaves out or says once for all environments. */
export function expand(written: WrittenBlueprint): Blueprint {
  const slugs = Object.keys(written.projects);
  return {
    projects: mapValues(written.projects, expandProject),
    identities: mapValues(written.identities, (identity) => expandIdentity(identity, slugs[0] ?? "")),
  };
}

function expandProject(written: WrittenProject): ProjectPlan {
  const { name, description, environments, members, tags } = written;
  const secrets = mapValues(environments, (_title, environment) => secretsIn(written, environment));
  const folders = mapValues(environments, (_title, environment) =>
    foldersIn(written, environment, Object.keys(secrets[environment] ?? {})),
  );
  return { name, description, environments, members, tags, folders, secrets };
}

function secretsIn(written: WrittenProject, environment: string): ProjectPlan["secrets"][string] {
  const everywhere = written.secrets[EVERY_ENVIRONMENT] ?? {};
  const here = written.secrets[environment] ?? {};
  const paths = [...new Set([...Object.keys(everywhere), ...Object.keys(here)])];
  return Object.fromEntries(
    paths.map((path): [string, { [key: string]: SecretPlan }] => [path, { ...everywhere[path], ...here[path] }]),
  );
}

function foldersIn(
  written: WrittenProject,
  environment: string,
  withSecrets: string[],
): { [path: string]: FolderPlan } {
  const everywhere = written.folders[EVERY_ENVIRONMENT] ?? {};
  const here = written.folders[environment] ?? {};
  const paths = [...new Set([...Object.keys(everywhere), ...Object.keys(here), ...withSecrets])];
  return Object.fromEntries(
    paths.map((path) => [path, folderOf(here[path] ?? everywhere[path] ?? NOTHING_SAID, written, environment)]),
  );
}

function folderOf(said: WrittenFolder, { extraKeys }: WrittenProject, environment: string): FolderPlan {
  const { description, imports, webhooks } = said;
  return {
    description,
    webhooks,
    extraKeys: said.extraKeys ?? extraKeys,
    imports: imports.map((address) => addressOf(address, environment)),
  };
}

/** `prod:/shared`, or `/shared` in the environment where it is said. */
export function addressOf(text: string, environment: string): FolderAddress {
  const cut = text.indexOf(":");
  return cut === -1 ? { environment, path: text } : { environment: text.slice(0, cut), path: text.slice(cut + 1) };
}

function expandIdentity(written: WrittenIdentity, onlyProject: string): IdentityPlan {
  const { ttl, uses, grace, rotateAfter } = written.clientSecret;
  return {
    token: written.token,
    lockout: written.lockout,
    trustedIps: written.trustedIps,
    clientSecret: {
      ttl,
      uses,
      grace: grace ?? written.token.ttl,
      ...(rotateAfter === undefined ? {} : { rotateAfter }),
    },
    grants: written.grants.flatMap((grant) => expandGrant(grant, onlyProject)),
  };
}

function expandGrant(written: WrittenIdentity["grants"][number], onlyProject: string): GrantPlan[] {
  const { project = onlyProject, path, actions, until, acknowledge } = written;
  return [written.environment].flat().map((environment) => ({
    project,
    environment,
    path,
    actions,
    ...(until === undefined ? {} : { until }),
    ...(acknowledge === undefined ? {} : { acknowledge }),
  }));
}

function mapValues<In, Out>(
  entries: { [key: string]: In },
  change: (value: In, key: string) => Out,
): { [key: string]: Out } {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, change(value, key)]));
}
