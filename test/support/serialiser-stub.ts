import { createRequire } from "node:module";
import type * as pulumi from "@pulumi/pulumi";

/**
 * Setup file of the unit and component tests. Vitest rewrites imports, and Pulumi's serialiser cannot read what comes
 * out of that; so a provider goes into the state as a name here, and {@link revive} gives it back by that name.
 */
const providers = new Map<string, pulumi.dynamic.ResourceProvider>();

async function serializeFunction(make: () => pulumi.dynamic.ResourceProvider): Promise<object> {
  const text = `provider ${providers.size + 1}`;
  providers.set(text, make());
  return { text, exportName: "handler", containsSecrets: false };
}

// Put in its place before anything asks for it: the real one loads the whole of TypeScript, a second for every file.
const { cache, resolve } = createRequire(__filename);
const path = resolve("@pulumi/pulumi/runtime/closure/serializeClosure");
cache[path] = Object.assign(Object.create(null) as NodeJS.Module, {
  id: path,
  filename: path,
  loaded: true,
  exports: { serializeFunction },
});

/**
 * The provider that a resource carries: by its name, or, where the real serialiser was at work, from the text, the way
 * Pulumi's own process does it. @throws where that would fail: when it carries none.
 */
export function revive(text: unknown): pulumi.dynamic.ResourceProvider {
  const provider = providers.get(String(text));
  if (provider !== undefined) return provider;
  if (typeof text !== "string") throw new TypeError(`code must be a string, not ${typeof text}`);
  const known = revived.get(text) ?? evaluate(text);
  revived.set(text, known);
  return known;
}

const revived = new Map<string, pulumi.dynamic.ResourceProvider>();

function evaluate(text: string): pulumi.dynamic.ResourceProvider {
  const made = { handler: (): unknown => undefined };
  // oxlint-disable-next-line no-new-func -- what it evaluates was made in this process
  new Function("exports", "require", text)(made, createRequire(__filename));
  return made.handler() as pulumi.dynamic.ResourceProvider;
}
