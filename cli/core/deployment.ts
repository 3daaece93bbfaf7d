import { z } from "zod";
import { Failure } from "./failure";
import { askPulumi, feedPulumi } from "./pulumi";
import type { Workspace } from "./workspace";

// Pulumi's own marks of a secret in an exported state.
const MARK = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

const resource = z.looseObject({
  urn: z.string(),
  type: z.string(),
  id: z.string().optional(),
  custom: z.boolean().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
  parent: z.string().optional(),
  provider: z.string().optional(),
});

const schema = z.looseObject({
  deployment: z.looseObject({ resources: z.array(resource).optional(), pending_operations: z.unknown().optional() }),
});

/** A stack's state as `pulumi stack export` gives it. With secrets in clear it stays in memory or in a sealed archive. */
export type Deployment = z.output<typeof schema>;
export type DeployedResource = z.output<typeof resource>;

export function parseDeployment(text: string): Deployment {
  return schema.parse(JSON.parse(text));
}

/**
 * The stack's state with its secrets in clear: never write it anywhere as it is.
 * @throws Failure when the passphrase does not open it.
 */
export async function exportWithSecrets(workspace: Workspace): Promise<Deployment> {
  const { stdout } = await askPulumi(workspace, ["stack", "export", "--show-secrets"]);
  return parseDeployment(stdout);
}

/** Puts a state in place of the stack's own; its secrets, given in clear, are encrypted with this stack's passphrase. */
export async function importDeployment(workspace: Workspace, state: Deployment): Promise<void> {
  // What the stack itself is locked with: without it, Pulumi would store the secrets in clear.
  const own = parseDeployment((await askPulumi(workspace, ["stack", "export"])).stdout);
  const { secrets_providers } = own.deployment;
  if (secrets_providers === undefined) {
    throw new Failure(`the stack "${workspace.stack}" has no passphrase, so no state with secrets is put into it.`);
  }
  const locked = { ...state, deployment: { ...state.deployment, secrets_providers } };
  await feedPulumi(workspace, ["stack", "import"], JSON.stringify(locked));
}

export function resourcesIn(state: Deployment): DeployedResource[] {
  return state.deployment.resources ?? [];
}

/** The name that the program gave a resource. */
export function nameOf({ urn }: Pick<DeployedResource, "urn">): string {
  return urn.split("::").slice(3).join("::");
}

/** A value out of its secret's envelope. */
export function opened(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !(MARK in value)) return value;
  const { [MARK]: mark, plaintext } = value as { [MARK]: unknown; plaintext?: unknown };
  return mark === SECRET && typeof plaintext === "string" ? (JSON.parse(plaintext) as unknown) : undefined;
}

/** {@link opened}, with everything that is in it. */
export function clear(value: unknown): unknown {
  const outer = opened(value);
  if (Array.isArray(outer)) return outer.map(clear);
  if (typeof outer !== "object" || outer === null) return outer;
  return Object.fromEntries(Object.entries(outer).map(([key, inner]) => [key, clear(inner)]));
}

const automation = z.object({ organizationId: z.string(), clientId: z.string(), clientSecret: z.string() });

/** Who the program works as in the server, and in which organization; nothing before there is such an identity. */
export function automationIn(state: Deployment): z.output<typeof automation> | undefined {
  const found = resourcesIn(state).find(({ type }) => type.endsWith("infisical:Administrator"));
  return automation.safeParse(clear(found?.outputs)).data;
}

/** The value of a generated password or key, such as `server-encryption-key`. */
export function generatedValue(state: Deployment, ending: string): string | undefined {
  const found = resourcesIn(state).find((one) => one.type.endsWith(":RandomPassword") && nameOf(one).endsWith(ending));
  const value = opened(found?.outputs?.result);
  return typeof value === "string" ? value : undefined;
}
