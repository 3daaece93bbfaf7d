import {
  newClientSecret,
  newId,
  Refused,
  startFake,
  type FakeIdentity,
  type FakeInfisical,
  type FakeProject,
  type Route,
  type World,
} from "./fake-infisical";
import type { Received } from "./http-server";

/** A fake Infisical with the routes that the program uses. */
export function fakeInfisical(): Promise<FakeInfisical> {
  return startFake([...INSTANCE, ...IDENTITIES, ...UNIVERSAL_AUTH, ...PROJECTS, ...FOLDERS, ...SECRETS, ...ACCESS]);
}

const INSTANCE: Route[] = [
  {
    method: "GET",
    path: /^\/api\/v1\/admin\/config$/,
    open: true,
    answer: (world) => ({
      config: {
        initialized: world.administrator !== undefined,
        allowSignUp: world.allowSignUp,
      },
    }),
  },
  {
    method: "POST",
    path: /^\/api\/v1\/admin\/signup$/,
    open: true,
    answer: (world, request) => {
      if (world.administrator !== undefined) throw bad("Admin account has already been set up");
      world.administrator = {
        email: text(request, "email"),
        password: text(request, "password"),
      };
      return {
        message: "Successfully set up admin account",
        token: token(world),
      };
    },
  },
  {
    method: "POST",
    path: /^\/api\/v3\/auth\/login$/,
    open: true,
    answer: (world, request) => {
      const { administrator } = world;
      const right =
        administrator?.email === text(request, "email") && administrator.password === text(request, "password");
      if (!right) throw bad("Invalid credentials");
      return { accessToken: token(world) };
    },
  },
  {
    method: "GET",
    path: /^\/api\/v1\/organization$/,
    answer: ({ organization }) => ({ organizations: [organization] }),
  },
  {
    method: "POST",
    path: /^\/api\/v3\/auth\/select-organization$/,
    answer: (world) => ({
      token: token(world),
      isMfaEnabled: false,
    }),
  },
  {
    method: "PATCH",
    path: /^\/api\/v1\/organization\/([^/]+)$/,
    answer: ({ organization }, request) => {
      organization.name = text(request, "name");
    },
  },
  {
    method: "PATCH",
    path: /^\/api\/v1\/admin\/config$/,
    answer: (world, request) => {
      world.allowSignUp = body(request).allowSignUp === true;
    },
  },
  { method: "POST", path: /^\/api\/v1\/auth\/logout$/, answer: () => ({ message: "Logged out" }) },
];

const IDENTITIES: Route[] = [
  {
    method: "POST",
    path: /^\/api\/v1\/auth\/universal-auth\/login$/,
    open: true,
    answer: (world, request) => {
      const identity = world.identities.find(({ auth }) => auth?.clientId === text(request, "clientId"));
      const secret = identity?.secrets.find(({ value }) => value === text(request, "clientSecret"));
      if (secret === undefined || secret.revoked) throw new Refused(401, "UnauthorizedError", "Invalid credentials");
      secret.numUses += 1;
      return {
        accessToken: token(world),
        expiresIn: 7200,
        tokenType: "Bearer",
      };
    },
  },
  {
    method: "GET",
    path: /^\/api\/v1\/identities\/details$/,
    answer: ({ organization }) => ({ identityDetails: { organization } }),
  },
  {
    method: "POST",
    path: /^\/api\/v1\/identities\/search$/,
    answer: ({ identities }, request) => {
      const { name } = (body(request).search ?? {}) as {
        name?: {
          $eq?: string;
        };
      };
      const found = identities.filter((identity) => identity.name === name?.$eq);
      return {
        identities: found.map(({ id, role }) => ({
          id: `member-${id}`,
          identityId: id,
          role,
        })),
      };
    },
  },
  {
    method: "POST",
    path: /^\/api\/v1\/identities$/,
    answer: ({ identities }, request) => {
      const { name, role, metadata } = body(request) as unknown as FakeIdentity;
      const made: FakeIdentity = {
        id: newId("identity"),
        name,
        role,
        metadata,
        secrets: [],
      };
      identities.push(made);
      return {
        identity: {
          id: made.id,
          name,
        },
      };
    },
  },
  {
    method: "GET",
    path: /^\/api\/v1\/identities\/([^/]+)$/,
    answer: (world, _request, [id]) => {
      const { name, role, metadata } = identityOf(world, id);
      return {
        identity: {
          id: `member-${id}`,
          identityId: id,
          role,
          metadata,
          identity: {
            id,
            name,
          },
        },
      };
    },
  },
  {
    method: "PATCH",
    path: /^\/api\/v1\/identities\/([^/]+)$/,
    answer: (world, request, [id]) => {
      if ("name" in body(request)) Object.assign(identityOf(world, id), body(request));
    },
  },
  {
    method: "DELETE",
    path: /^\/api\/v1\/identities\/([^/]+)$/,
    answer: (world, _request, [id]) => {
      const identity = identityOf(world, id);
      world.identities = world.identities.filter((other) => other !== identity);
    },
  },
];

const UNIVERSAL_AUTH: Route[] = [
  {
    method: "GET",
    path: /^\/api\/v1\/auth\/universal-auth\/identities\/([^/]+)$/,
    answer: (world, _request, [id]) => authAnswer(attached(world, id)),
  },
  {
    method: "POST",
    path: /^\/api\/v1\/auth\/universal-auth\/identities\/([^/]+)$/,
    answer: (world, request, [id]) => {
      const identity = identityOf(world, id);
      if (identity.auth !== undefined) throw bad("Failed to add universal auth to already configured identity");
      identity.auth = {
        clientId: newId("client"),
        settings: body(request),
      };
      return authAnswer(identity.auth);
    },
  },
  {
    method: "PATCH",
    path: /^\/api\/v1\/auth\/universal-auth\/identities\/([^/]+)$/,
    answer: (world, request, [id]) => {
      Object.assign(attached(world, id).settings, body(request));
    },
  },
  {
    method: "GET",
    path: /^\/api\/v1\/auth\/universal-auth\/identities\/([^/]+)\/client-secrets$/,
    answer: (world, _request, [id]) => ({
      clientSecretData: identityOf(world, id)
        .secrets.filter(({ revoked }) => !revoked)
        .map((secret) => ({
          id: secret.id,
          description: secret.description,
          isClientSecretRevoked: secret.revoked,
          clientSecretTTL: secret.ttl,
          clientSecretNumUsesLimit: secret.numUsesLimit,
          clientSecretNumUses: secret.numUses,
          createdAt: secret.createdAt,
        })),
    }),
  },
  {
    method: "POST",
    path: /^\/api\/v1\/auth\/universal-auth\/identities\/([^/]+)\/client-secrets$/,
    answer: (world, request, [id]) => {
      attached(world, id);
      const { description, ttl, numUsesLimit } = body(request) as {
        description: string;
        ttl: number;
        numUsesLimit: number;
      };
      const made = newClientSecret({
        description,
        ttl,
        numUsesLimit,
      });
      identityOf(world, id).secrets.push(made);
      return {
        clientSecret: made.value,
        clientSecretData: {
          id: made.id,
          createdAt: made.createdAt,
        },
      };
    },
  },
  {
    method: "POST",
    path: /^\/api\/v1\/auth\/universal-auth\/identities\/([^/]+)\/client-secrets\/([^/]+)\/revoke$/,
    answer: (world, _request, [id, secretId]) => {
      const secret = identityOf(world, id).secrets.find((one) => one.id === secretId);
      if (secret === undefined) throw notFound("Client secret not found");
      secret.revoked = true;
    },
  },
];

function attached(world: World, id: string | undefined): NonNullable<FakeIdentity["auth"]> {
  const { auth } = identityOf(world, id);
  if (auth === undefined) throw notFound("The identity does not have universal auth");
  return auth;
}

/** The server takes "0.0.0.0/0" and gives address and prefix apart. */
function authAnswer({ clientId, settings }: NonNullable<FakeIdentity["auth"]>): object {
  const apart = (list: unknown): object[] =>
    (list as { ipAddress: string }[]).map(({ ipAddress }) => {
      const [address, prefix] = ipAddress.split("/");
      return { type: "ipv4", ipAddress: address, prefix: Number(prefix) };
    });
  const lists = Object.fromEntries(
    ["accessTokenTrustedIps", "clientSecretTrustedIps"].map((name) => [name, apart(settings[name])]),
  );
  return { identityUniversalAuth: { id: "universal-auth", ...settings, ...lists, clientId } };
}

const PROJECTS: Route[] = [
  {
    method: "GET",
    path: /^\/api\/v1\/projects\/slug\/([^/]+)$/,
    answer: ({ projects }, _request, [slug]) => {
      const project = projects.find((one) => one.slug === slug);
      if (project === undefined) throw notFound(`Project with slug '${slug}' not found`);
      return projectAnswer(project);
    },
  },
  {
    method: "POST",
    path: /^\/api\/v1\/projects$/,
    answer: ({ projects }, request) => {
      const { slug, projectName, projectDescription } = body(request) as {
        [name: string]: string;
      };
      if (projects.some((one) => one.slug === slug)) throw bad(`A project with the slug "${slug}" already exists`);
      const made: FakeProject = {
        id: newId("project"),
        slug: slug ?? "",
        name: projectName ?? "",
        description: projectDescription ?? null,
        environments: [],
        admins: [],
        folders: [],
        secrets: [],
        members: new Map(),
        privileges: [],
      };
      projects.push(made);
      return { project: projectAnswer(made) };
    },
  },
  {
    method: "GET",
    path: /^\/api\/v1\/projects\/([^/]+)$/,
    answer: (world, _request, [id]) => ({ project: projectAnswer(projectOf(world, id)) }),
  },
  {
    method: "PATCH",
    path: /^\/api\/v1\/projects\/([^/]+)$/,
    answer: (world, request, [id]) => {
      Object.assign(projectOf(world, id), body(request));
    },
  },
  {
    method: "DELETE",
    path: /^\/api\/v1\/projects\/([^/]+)$/,
    answer: (world, _request, [id]) => {
      const project = projectOf(world, id);
      world.projects = world.projects.filter((other) => other !== project);
    },
  },
  {
    method: "POST",
    path: /^\/api\/v1\/projects\/([^/]+)\/environments$/,
    answer: (world, request, [id]) => {
      const { environments } = projectOf(world, id);
      const { slug, name, position } = body(request) as {
        slug: string;
        name: string;
        position: number;
      };
      if (environments.some((one) => one.slug === slug)) throw bad("Environment with slug already exists");
      const made = {
        id: newId("environment"),
        slug,
        name,
        position,
      };
      environments.push(made);
      return { environment: made };
    },
  },
  {
    method: "PATCH",
    path: /^\/api\/v1\/projects\/([^/]+)\/environments\/([^/]+)$/,
    answer: (world, request, [id, environmentId]) => {
      const found = projectOf(world, id).environments.find((one) => one.id === environmentId);
      if (found === undefined) throw notFound("Environment not found");
      Object.assign(found, body(request));
    },
  },
  {
    method: "DELETE",
    path: /^\/api\/v1\/projects\/([^/]+)\/environments\/([^/]+)$/,
    answer: (world, _request, [id, environmentId]) => {
      const project = projectOf(world, id);
      project.environments = project.environments.filter((one) => one.id !== environmentId);
    },
  },
  {
    method: "GET",
    path: /^\/api\/v1\/projects\/([^/]+)\/memberships$/,
    answer: (world, _request, [id]) => ({
      memberships: projectOf(world, id).admins.map((email) => ({
        user: {
          email,
          username: email,
        },
      })),
    }),
  },
  {
    method: "POST",
    path: /^\/api\/v1\/projects\/([^/]+)\/memberships$/,
    answer: (world, request, [id]) => {
      projectOf(world, id).admins.push(...(body(request).emails as string[]));
      return { memberships: [] };
    },
  },
];

function projectAnswer({ id, slug, name, description, environments }: FakeProject): object {
  return { id, slug, name, description, environments: environments.map((one) => ({ ...one })) };
}

const FOLDERS: Route[] = [
  {
    method: "GET",
    path: /^\/api\/v2\/folders$/,
    answer: (world, { query }) => {
      const parent = query.get("path") === "/" ? "" : query.get("path");
      const folders = projectOf(world, query.get("projectId") ?? "").folders;
      const here = folders.filter(
        ({ environment, path }) =>
          environment === query.get("environment") && path.slice(0, path.lastIndexOf("/")) === parent,
      );
      return {
        folders: here.map(({ id, path, description }) => ({
          id,
          name: path.split("/").at(-1),
          description,
        })),
      };
    },
  },
  {
    method: "POST",
    path: /^\/api\/v2\/folders$/,
    answer: (world, request) => {
      const { projectId, environment, name, path, description } = body(request) as {
        [name: string]: string;
      };
      const { folders } = projectOf(world, projectId);
      const full = `${path === "/" ? "" : path}/${name}`;
      if (folders.some((one) => one.environment === environment && one.path === full)) {
        throw bad(`Folder with name '${name}' already exists in path '${path}'`);
      }
      const made = {
        id: newId("folder"),
        environment: environment ?? "",
        path: full,
        description: description ?? null,
      };
      folders.push(made);
      return { folder: made };
    },
  },
  {
    method: "GET",
    path: /^\/api\/v2\/folders\/([^/]+)$/,
    answer: (world, _request, [id]) => ({ folder: { ...folderOf(world, id) } }),
  },
  {
    method: "PATCH",
    path: /^\/api\/v2\/folders\/([^/]+)$/,
    answer: (world, request, [id]) => {
      const { name, path, description } = body(request) as {
        [name: string]: string;
      };
      Object.assign(folderOf(world, id), {
        path: `${path === "/" ? "" : path}/${name}`,
        description,
      });
    },
  },
  {
    method: "DELETE",
    path: /^\/api\/v2\/folders\/([^/]+)$/,
    answer: (world, request, [id]) => {
      const project = projectOf(world, text(request, "projectId"));
      const { path } = folderOf(world, id);
      if (project.secrets.some((secret) => secret.path === path)) throw bad("Folder is not empty.");
      project.folders = project.folders.filter((one) => one.id !== id);
    },
  },
];

function folderOf(world: World, id: string | undefined): FakeProject["folders"][number] {
  const folder = world.projects.flatMap(({ folders }) => folders).find((one) => one.id === id);
  if (folder === undefined) throw notFound(`Folder with ID '${id}' not found`);
  return folder;
}

const SECRETS: Route[] = [
  {
    method: "GET",
    path: /^\/api\/v4\/secrets$/,
    answer: (world, { query }) => {
      const place = placeOf({
        projectId: query.get("projectId"),
        environment: query.get("environment"),
        secretPath: query.get("secretPath"),
      });
      requireFolder(world, place);
      return {
        secrets: secretsAt(world, place).map(({ key, value, version }) => ({
          id: `secret-${key}`,
          secretKey: key,
          secretValue: value,
          secretComment: "",
          version,
          tags: [],
          secretMetadata: [],
        })),
      };
    },
  },
  {
    method: "PATCH",
    path: /^\/api\/v4\/secrets\/batch$/,
    answer: (world, request) => {
      const place = placeOf(body(request));
      requireFolder(world, place);
      const { secrets } = projectOf(world, place.projectId);
      for (const { secretKey, secretValue } of body(request).secrets as {
        secretKey: string;
        secretValue: string;
      }[]) {
        const there = secretsAt(world, place).find(({ key }) => key === secretKey);
        const value = secretValue.trim() + (secretValue.endsWith("\n") ? "\n" : "");
        if (there !== undefined)
          Object.assign(there, {
            value,
            version: there.version + 1,
          });
        else
          secrets.push({
            environment: place.environment,
            path: place.path,
            key: secretKey,
            value,
            version: 1,
          });
      }
      return { secrets: [] };
    },
  },
  {
    method: "DELETE",
    path: /^\/api\/v4\/secrets\/batch$/,
    answer: (world, request) => {
      const place = placeOf(body(request));
      const project = projectOf(world, place.projectId);
      const keys = (
        body(request).secrets as {
          secretKey: string;
        }[]
      ).map(({ secretKey }) => secretKey);
      const there = secretsAt(world, place).filter(({ key }) => keys.includes(key));
      if (there.length < keys.length) throw notFound("One or more secrets does not exist");
      project.secrets = project.secrets.filter((secret) => !there.includes(secret));
      return { secrets: [] };
    },
  },
];

interface Place {
  projectId: string;
  environment: string;
  path: string;
}

function placeOf({ projectId, environment, secretPath }: { [name: string]: unknown }): Place {
  return { projectId: String(projectId), environment: String(environment), path: String(secretPath) };
}

function requireFolder(world: World, { projectId, environment, path }: Place): void {
  const there = projectOf(world, projectId).folders.some((one) => one.environment === environment && one.path === path);
  if (!there && path !== "/")
    throw notFound(`Folder with path '${path}' in environment with slug '${environment}' not found`);
}

function secretsAt(world: World, { projectId, environment, path }: Place): FakeProject["secrets"] {
  return projectOf(world, projectId).secrets.filter((one) => one.environment === environment && one.path === path);
}

const MEMBERSHIP = /^\/api\/v1\/projects\/([^/]+)\/memberships\/identities\/([^/]+)$/;
const PRIVILEGE = /^\/api\/v2\/identity-project-additional-privilege\/([^/]+)$/;

const ACCESS: Route[] = [
  {
    method: "GET",
    path: MEMBERSHIP,
    answer: (world, _request, [projectId, identityId]) => {
      const roles = projectOf(world, projectId).members.get(identityId ?? "");
      if (roles === undefined) throw notFound("Identity membership not found");
      return {
        identityMembership: {
          id: "membership",
          roles: roles.map((role) => ({
            id: "role",
            role,
          })),
        },
      };
    },
  },
  {
    method: "POST",
    path: MEMBERSHIP,
    answer: (world, request, [projectId, identityId]) => {
      const { members } = projectOf(world, projectId);
      if (members.has(identityId ?? "")) throw bad("Identity already exists in project");
      members.set(identityId ?? "", [text(request, "role")]);
    },
  },
  {
    method: "PATCH",
    path: MEMBERSHIP,
    answer: (world, request, [projectId, identityId]) => {
      const roles = (
        body(request).roles as {
          role: string;
        }[]
      ).map(({ role }) => role);
      projectOf(world, projectId).members.set(identityId ?? "", roles);
    },
  },
  {
    method: "DELETE",
    path: MEMBERSHIP,
    answer: (world, _request, [projectId, identityId]) => {
      const project = projectOf(world, projectId);
      if (!project.members.delete(identityId ?? "")) throw bad("Identity doesn't have membership");
      project.privileges = project.privileges.filter((one) => one.identityId !== identityId);
    },
  },
  {
    method: "GET",
    path: /^\/api\/v2\/identity-project-additional-privilege$/,
    answer: (world, { query }) => {
      const project = projectOf(world, query.get("projectId") ?? "");
      const identityId = query.get("identityId") ?? "";
      if (!project.members.has(identityId)) throw bad("Actor doesn't have membership");
      const own = project.privileges.filter((one) => one.identityId === identityId);
      return {
        privileges: own.map(({ id, slug }) => ({
          id,
          slug,
        })),
      };
    },
  },
  {
    method: "POST",
    path: /^\/api\/v2\/identity-project-additional-privilege$/,
    answer: (world, request) => {
      const { projectId, identityId, slug, permissions, type } = body(
        request,
      ) as unknown as FakeProject["privileges"][number] & {
        projectId: string;
      };
      const { privileges } = projectOf(world, projectId);
      if (privileges.some((one) => one.identityId === identityId && one.slug === slug))
        throw bad("Slug already exists");
      const made = {
        id: newId("privilege"),
        identityId,
        slug,
        permissions,
        type,
      };
      privileges.push(made);
      return { privilege: { id: made.id } };
    },
  },
  {
    method: "GET",
    path: PRIVILEGE,
    answer: (world, _request, [id]) => ({ privilege: privilegeAnswer(privilegeOf(world, id)) }),
  },
  {
    method: "PATCH",
    path: PRIVILEGE,
    answer: (world, request, [id]) => {
      Object.assign(privilegeOf(world, id), body(request));
    },
  },
  {
    method: "DELETE",
    path: PRIVILEGE,
    answer: (world, _request, [id]) => {
      const privilege = privilegeOf(world, id);
      for (const project of world.projects) project.privileges = project.privileges.filter((one) => one !== privilege);
    },
  },
];

function privilegeOf(world: World, id: string | undefined): FakeProject["privileges"][number] {
  const privilege = world.projects.flatMap(({ privileges }) => privileges).find((one) => one.id === id);
  if (privilege === undefined) throw notFound("Privilege not found");
  return privilege;
}

/** The server turns the order of conditions round, adds `inverted`, and reckons the end of a temporary grant. */
function privilegeAnswer({ id, slug, permissions, type }: FakeProject["privileges"][number]): object {
  const answered = (permissions as { conditions?: object }[]).map((rule) => ({
    ...rule,
    conditions: Object.fromEntries(Object.entries(rule.conditions ?? {}).reverse()),
    inverted: false,
  }));
  const seconds = Number.parseInt(type.temporaryRange ?? "0", 10);
  const end = new Date(Date.parse(type.temporaryAccessStartTime ?? "") + seconds * 1_000);
  const temporary = type.isTemporary === true ? { isTemporary: true, temporaryAccessEndTime: end.toISOString() } : {};
  return { id, slug, permissions: answered, isTemporary: false, ...temporary };
}

function identityOf(world: World, id: string | undefined): FakeIdentity {
  const identity = world.identities.find((one) => one.id === id);
  if (identity === undefined) throw notFound(`Failed to find identity with id ${id}`);
  return identity;
}

function projectOf(world: World, id: string | undefined): FakeProject {
  const project = world.projects.find((one) => one.id === id);
  if (project === undefined) throw notFound(`Project with ID '${id}' not found`);
  return project;
}

function token(world: World): string {
  const made = newId("token");
  world.tokens.add(made);
  return made;
}

function body(request: Received): { [name: string]: unknown } {
  return (request.body ?? {}) as { [name: string]: unknown };
}

function text(request: Received, name: string): string {
  return String(body(request)[name]);
}

function bad(message: string): Refused {
  return new Refused(400, "BadRequest", message);
}

function notFound(message: string): Refused {
  return new Refused(404, "NotFound", message);
}
