import * as pulumi from "@pulumi/pulumi";
import { loadSettings, type Settings } from "../../infra/config";

type Properties = { [name: string]: unknown };

/** A resource as the program registered it. */
export interface Registered {
  type: string;
  name: string;
  /** Name of the parent; nothing for those right below the stack. */
  parent: string | undefined;
  /** In clear, secrets too. */
  inputs: Properties;
  /** Where in the inputs secrets stand: `envs.0`, `connection.clientSecret`. */
  secretPaths: string[];
  protect: boolean;
  ignoreChanges: string[];
  replaceOnChanges: string[];
  additionalSecretOutputs: string[];
  /** Names. */
  deletedWith: string | undefined;
  replaceWith: string[];
  dependsOn: string[];
  /** Name of the explicit provider, or nothing for the default one. */
  provider: string | undefined;
}

export interface ProgramRecord {
  resources: Registered[];
  /** The resource of that name. @throws when there is none, or more than one. */
  one(name: string): Registered;
  ofType(type: string): Registered[];
}

/** The part of a registration request that is looked at; the generated class has a getter for each. */
interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getObject(): { toJavaScript(): Properties } | undefined;
  getProtect(): boolean | undefined;
  getIgnorechangesList(): string[];
  getReplaceonchangesList(): string[];
  getAdditionalsecretoutputsList(): string[];
  getDeletedwith(): string;
  getReplaceWithList(): string[];
  getDependenciesList(): string[];
  getProvider(): string;
}

type Register = (request: Request, answer: (problem: unknown, response: unknown) => void) => unknown;

const SECRET = "4dabf18193072939515e22adb298388d";

/** Secrets that the engine or a plugin would give; tests look for them where they must not be. */
export const GENERATED = "s3cret-generated";

/** Settings of a stack with this configuration, read the way the program reads them. Keys are without `infisical:`. */
export async function settingsFor(
  config: { [key: string]: string },
  secretKeys: string[] = [],
  stack = "dev",
): Promise<Settings> {
  await pulumi.runtime.setMocks(MOCKS, "infisical", stack);
  const full = (key: string): string => `infisical:${key}`;
  const values = Object.fromEntries(Object.entries(config).map(([key, value]) => [full(key), value]));
  pulumi.runtime.setAllConfig(values, secretKeys.map(full));
  // The engine tells it this way; Pulumi has no function that says which keys are secret.
  process.env.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify(secretKeys.map(full));
  return loadSettings();
}

/** Runs a part of the program under Pulumi's mocks, and records what it registers. */
export async function recordProgram(settings: Settings, run: (settings: Settings) => unknown): Promise<ProgramRecord> {
  await pulumi.runtime.setMocks(MOCKS, settings.project, settings.stack);
  const requests = listen();
  await run(settings);
  await pulumi.runtime.disconnect();
  const resources = requests.map(registeredOf);
  return {
    resources,
    one(name) {
      const [found, ...more] = resources.filter((resource) => resource.name === name);
      if (found === undefined || more.length > 0) {
        const names = resources.map((resource) => resource.name).join(", ");
        throw new Error(
          `${more.length + (found === undefined ? 0 : 1)} resources are named ${name}; there are: ${names}`,
        );
      }
      return found;
    },
    ofType: (type) => resources.filter((resource) => resource.type === type),
  };
}

/** The value of an output, and whether it is secret. */
export function valueOf<T>(output: pulumi.Input<T>): Promise<{ value: pulumi.Unwrap<T>; secret: boolean }> {
  const wrapped = pulumi.output(output) as pulumi.Output<pulumi.Unwrap<T>> & { isSecret: Promise<boolean> };
  return new Promise((resolve) => {
    wrapped.apply(async (value) => resolve({ value, secret: await wrapped.isSecret }));
  });
}

const MOCKS: pulumi.runtime.Mocks = {
  call: ({ token }) => {
    throw new Error(`unexpected call of ${token}`);
  },
  newResource: ({ type, name, inputs }) => {
    const computed: { [type: string]: Properties } = {
      "random:index/randomPassword:RandomPassword": { result: pulumi.secret(`${GENERATED}-${name}`) },
      "random:index/randomString:RandomString": { result: "x7x7x7" },
      "docker:index/remoteImage:RemoteImage": { imageId: `sha256:${name}` },
      "pulumi-nodejs:dynamic/infisical:Administrator": {
        organizationId: "organization",
        clientId: "automation-client",
        clientSecret: pulumi.secret(`${GENERATED}-${name}`),
      },
      "pulumi-nodejs:dynamic/infisical:ClientSecret": { clientSecret: pulumi.secret(`${GENERATED}-${name}`) },
      "pulumi-nodejs:dynamic/infisical:Identity": { clientId: `client-of-${name}` },
      "pulumi-nodejs:dynamic/infisical:Secrets": { unfilled: [] },
    };
    return { id: `id-of-${name}`, state: { ...(inputs as Properties), ...computed[type] } };
  },
};

/** Mocks do not see the options of a resource; the requests to the monitor hold them. */
function listen(): Request[] {
  const requests: Request[] = [];
  const monitor = pulumi.runtime.getMonitor() as unknown as { registerResource: Register };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, answer) => {
    requests.push(request);
    return register(request, answer);
  };
  return requests;
}

function registeredOf(request: Request): Registered {
  const object = request.getObject()?.toJavaScript() ?? {};
  const type = request.getType();
  return {
    type,
    name: request.getName(),
    parent: nameIn(request.getParent()),
    inputs: inClear(object) as Properties,
    secretPaths: secretPathsIn(object, ""),
    protect: request.getProtect() ?? false,
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    deletedWith: nameIn(request.getDeletedwith()),
    replaceWith: request.getReplaceWithList().map((urn) => nameIn(urn) ?? ""),
    dependsOn: request.getDependenciesList().map((urn) => nameIn(urn) ?? ""),
    provider: nameIn(request.getProvider().replace(/::[^:]*$/, "")),
  };
}

/** The last part of a URN; a name may hold single colons. */
function nameIn(urn: string): string | undefined {
  return urn === "" ? undefined : urn.split("::").slice(3).join("::");
}

function inClear(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (SECRET in value) return inClear((value as { value?: unknown }).value);
  if (Array.isArray(value)) return value.map(inClear);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inClear(inner)]));
}

function secretPathsIn(value: unknown, path: string): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (SECRET in value) return [path];
  return Object.entries(value).flatMap(([key, inner]) => secretPathsIn(inner, path === "" ? key : `${path}.${key}`));
}
