import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";
import { tooLarge } from "./checks";
import type { KnownSource, SecretSource } from "./schema";

/** Where values come from that are not in the blueprint. */
export interface Surroundings {
  /** The stack's configuration; empty counts as not set. */
  config: (name: string) => string | undefined;
  env: { readonly [name: string]: string | undefined };
  /** Folder that paths of files start from. */
  root: string;
  /** Files with several entries that have been read already. */
  opened: Map<string, unknown>;
}

/**
 * What stands in for a value that people have to put in. `doctor` finds it by its beginning, and it says what to do to
 * whoever reads it.
 */
export const PLACEHOLDER = "PLACEHOLDER: ";
const MUST_FILL = `${PLACEHOLDER}fill it in, in Infisical`;

/** The value of a source. @throws an error that says what is missing or not right, without a place and without a value. */
export function valueOf(source: KnownSource, around: Surroundings): string {
  if ("literal" in source) return source.literal;
  if ("mustFill" in source) return MUST_FILL;
  const value = foreignValue(source, around);
  const large = tooLarge(value);
  if (large !== undefined) throw new Error(large);
  if (!source.references && value.includes("${")) {
    throw new Error(
      "the value holds ${, and Infisical would expand it when it is read. If that is meant, say references: true",
    );
  }
  return value;
}

/** Whether a secret of the configuration is wanted and not set. */
export function isUnset(source: SecretSource, around: Surroundings): boolean {
  return "config" in source && (around.config(source.config) ?? "") === "";
}

function foreignValue(source: Exclude<KnownSource, { literal: string } | { mustFill: true }>, around: Surroundings) {
  if ("config" in source) {
    const value = around.config(source.config) ?? "";
    if (value !== "") return value;
    const command = `pulumi config set --secret ${source.config}`;
    if (source.required) throw new Error(`${source.config} is not set: ${command}`);
    return `${PLACEHOLDER}set it with: ${command}`;
  }
  if ("env" in source) {
    const value = around.env[source.env];
    if (value === undefined || value === "") throw new Error(`the environment variable ${source.env} is not set`);
    return value;
  }
  return source.key === undefined ? textOf(source.file, around.root) : entryOf(source.file, source.key, around);
}

function textOf(file: string, root: string): string {
  return textIn(file, root).replace(/(?:\r?\n)+$/, "");
}

function entryOf(file: string, key: string, { root, opened }: Surroundings): string {
  if (!opened.has(file)) opened.set(file, parsed(textIn(file, root), file));
  const entries = opened.get(file);
  const value =
    typeof entries === "object" && entries !== null ? (entries as { [key: string]: unknown })[key] : undefined;
  if (typeof value === "string") return value;
  throw new Error(`${file} has no text under the key "${key}"`);
}

function parsed(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch {
    throw new Error(`${file} is neither YAML nor JSON`);
  }
}

function textIn(file: string, root: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(resolve(root, file));
  } catch {
    throw new Error(`${file}: there is no such file that can be read`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error(`${file} is no text in UTF-8; encode it first, by base64 for example`);
  }
}
