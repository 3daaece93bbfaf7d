import { isScalar, Scalar, visit, type Document, type Node } from "yaml";

/** A value without quotes that other readers of YAML take for something else than the text that it is. */
export interface Trap {
  offset: number;
  text: string;
}

/** What readers of YAML 1.1, of which there are many, make of a plain text. */
const READINGS: [pattern: RegExp, reading: string][] = [
  [/^(?:y|yes|on|n|no|off)$/i, "true or false"],
  [/^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ].*)?$/, "a date"],
  [/^[-+]?0[0-7_]+$/, "an octal number"],
  [/^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.\d*)?$/, "a number to the base of 60"],
  [/^[-+]?\d[\d_]*\.?[\d_]*(?:[eE][-+]?\d+)?$/, "a number"],
];

/**
 * Values of secrets that stand without quotes and are no text to every reader of YAML: `no`, dates, octal numbers.
 * A secret has to be the same whoever reads the file. And aliases of nothing, which the parser lets pass.
 */
export function yamlTraps(document: Document): Trap[] {
  const traps: Trap[] = [];
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return;
      traps.push({ offset: alias.range?.[0] ?? 0, text: `*${alias.source}: there is no &${alias.source} before it` });
    },
    Pair(_key, pair, ancestors) {
      const section = ancestors.filter((node) => (node as { key?: unknown }).key !== undefined);
      const names = section.map((node) => String((node as { key: unknown }).key));
      const value = pair.value as Node | null;
      if (names[0] !== "projects" || names[2] !== "secrets" || !isScalar(value)) return;
      const isValue = names.length === 5 || (names.length === 6 && String(pair.key) === "literal");
      if (!isValue || value.type !== Scalar.PLAIN || typeof value.source !== "string") return;
      const reading = READINGS.find(([pattern]) => pattern.test(value.source as string))?.[1];
      if (reading !== undefined) traps.push({ offset: value.range?.[0] ?? 0, text: quoted(value.source, reading) });
    },
  });
  return traps;
}

function quoted(source: string, reading: string): string {
  return `${source} without quotes is ${reading} to readers of YAML; write "${source}"`;
}
