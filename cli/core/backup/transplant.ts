import { resourcesIn, type DeployedResource, type Deployment } from "../deployment";

/** A stack and the address of its server. */
export interface Seat {
  stack: string;
  url: string;
}

/** How much of a saved state goes into another stack. */
export type Extent =
  /** Keys and passwords alone: enough for a server that reads the saved data. */
  | "keys"
  /** With everything that lives in the server, as its data has it. */
  | "everything";

/**
 * A saved state in the place of a stack's own. What the API runs on (containers, volumes, the sandbox's process) stays
 * as the stack has it, and is left out where it has none: the next `up` makes it. What lives in the server, and the keys
 * of a stack that has none, are those of the saved state.
 */
export function transplanted(saved: Deployment, from: Seat, own: Deployment, to: Seat, extent: Extent): Deployment {
  const kept = resourcesIn(own).filter((one) => extent === "keys" || !livesInServer(one));
  const have = new Set(kept.map(({ urn }) => urn));
  const wanted = resourcesIn(saved).filter(
    (one) => isFrame(one) || isKey(one) || (extent === "everything" && livesInServer(one)),
  );
  const renamed = wanted.map((one) => moved(one, from, to)).filter(({ urn }) => !have.has(urn));
  const resources = withoutDanglers([...kept, ...renamed]);
  const { pending_operations: _, ...deployment } = own.deployment;
  return { ...own, deployment: { ...deployment, resources } };
}

/** The chain of types in a resource's URN, outermost component first. */
function typesOf({ urn }: DeployedResource): string {
  return urn.split("::")[2] ?? "";
}

function livesInServer(one: DeployedResource): boolean {
  return typesOf(one).startsWith("infisical:index:Workspace");
}

/** Stack, server component, and the providers of what is taken over. */
function isFrame({ type }: DeployedResource): boolean {
  return (
    type === "pulumi:pulumi:Stack" ||
    type === "infisical:index:InfisicalServer" ||
    type === "infisical:index:Sandbox" ||
    type === "pulumi:providers:random" ||
    type === "pulumi:providers:pulumi-nodejs"
  );
}

function isKey(one: DeployedResource): boolean {
  return one.type.endsWith(":RandomPassword") && !livesInServer(one);
}

/** The resource under another stack's name, with that stack's address and mark. */
function moved(one: DeployedResource, from: Seat, to: Seat): DeployedResource {
  const project = one.urn.split("::")[1] ?? "";
  const change = (text: string): string => {
    if (text === `${project}/${from.stack}`) return `${project}/${to.stack}`;
    if (text === from.url) return to.url;
    if (!text.startsWith(`urn:pulumi:${from.stack}::`)) return text;
    const renamed = `urn:pulumi:${to.stack}::${text.slice(`urn:pulumi:${from.stack}::`.length)}`;
    return renamed.replace(
      `pulumi:pulumi:Stack::${project}-${from.stack}`,
      `pulumi:pulumi:Stack::${project}-${to.stack}`,
    );
  };
  return changed(one, change) as DeployedResource;
}

function changed(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((inner) => changed(inner, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, changed(inner, change)]));
}

/** Takes out what points at resources that are not there, and points at the providers that are. */
function withoutDanglers(resources: DeployedResource[]): DeployedResource[] {
  const ids = new Map(resources.map(({ urn, id }) => [urn, id]));
  const known = (urn: unknown): boolean => ids.has(String(urn));
  return resources.map((one) => {
    const { dependencies, propertyDependencies, deletedWith, replaceWith, provider, ...rest } = one;
    const dependent = propertyDependencies as { [name: string]: unknown[] } | null | undefined;
    return {
      ...rest,
      ...(Array.isArray(dependencies) ? { dependencies: dependencies.filter(known) } : {}),
      ...(dependent === undefined || dependent === null
        ? {}
        : {
            propertyDependencies: Object.fromEntries(
              Object.entries(dependent).map(([name, urns]) => [name, (urns ?? []).filter(known)]),
            ),
          }),
      ...(known(deletedWith) ? { deletedWith } : {}),
      ...(Array.isArray(replaceWith) ? { replaceWith: replaceWith.filter(known) } : {}),
      ...(typeof provider === "string" ? { provider: providerOf(provider, ids) } : {}),
    };
  });
}

/** `<urn>::<id>` with the id that this provider has here. */
function providerOf(reference: string, ids: Map<string, string | undefined>): string {
  const urn = reference.slice(0, reference.lastIndexOf("::"));
  const id = ids.get(urn);
  return id === undefined ? reference : `${urn}::${id}`;
}
