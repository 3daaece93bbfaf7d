import * as pulumi from "@pulumi/pulumi";

/** The project's own keys as they stand in the configuration, without the project's name before them. */
export function ownConfig(project: string): Map<string, string> {
  const own = new Map<string, string>();
  for (const [key, value] of Object.entries(pulumi.runtime.allConfig())) {
    const [namespace, ...name] = key.split(":");
    if (namespace === project) own.set(name.join(":"), value);
  }
  return own;
}

/** An object (`config set --path`) taken apart: `server: {port: 1}` is `server.port`. Values in `whole` stay as they are. */
export function flattened(own: Map<string, string>, whole: readonly string[] = []): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [name, value] of own) {
    if (whole.includes(name)) flat.set(name, value);
    else flatten(name, value, flat);
  }
  return flat;
}

function flatten(name: string, value: unknown, into: Map<string, string>): void {
  const parsed = typeof value === "string" && value.startsWith("{") ? parseObject(value) : value;
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    into.set(name, typeof parsed === "string" ? parsed : JSON.stringify(parsed));
    return;
  }
  for (const [key, inner] of Object.entries(parsed)) flatten(`${name}.${key}`, inner, into);
}

function parseObject(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
