/**
 * Marks a value as secret for the engine, wherever it stands in what a provider returns.
 *
 * The Node provider cannot hand back Pulumi's own secrets, and the engine marks a returned value only where the input
 * at the same path was secret. Everything else would lie in clear in the state. This is the form in which the engine
 * itself writes a secret; measured at every depth. The mark is not handed back to the provider, so seal on every return.
 */
export function sealed(value: unknown): unknown {
  return isSealed(value) ? value : { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value };
}

/**
 * A copy of `properties` with the values at `paths` sealed.
 * @param paths dotted; `*` stands for every key: `connection.clientSecret`, `values.*`. A path that is not there is fine.
 */
export function sealedAt(properties: Properties, paths: string[]): Properties {
  let result = properties;
  for (const path of paths) result = sealPath(result, path.split("."));
  return result;
}

export type Properties = { [name: string]: unknown };

function sealPath(value: Properties, path: string[]): Properties {
  const [head, ...rest] = path;
  const copy = { ...value };
  for (const key of head === "*" ? Object.keys(copy) : [head ?? ""]) {
    const inner = copy[key];
    if (inner === undefined || inner === null) continue;
    if (rest.length === 0) copy[key] = sealed(inner);
    else if (typeof inner === "object" && !Array.isArray(inner)) copy[key] = sealPath(inner as Properties, rest);
  }
  return copy;
}

function isSealed(value: unknown): boolean {
  return typeof value === "object" && value !== null && "4dabf18193072939515e22adb298388d" in value;
}
