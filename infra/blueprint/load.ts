import { readFileSync } from "node:fs";
import { isMap, isNode, LineCounter, parseDocument, type Document } from "yaml";
import type { z } from "zod";
import { problemsOf, type Problem } from "./checks";
import { blueprintSchema, type Blueprint } from "./schema";

/** What is assumed of the server that the blueprint is for. */
export interface Assumptions {
  /** Whether a licence key is configured; without one a free server is assumed. */
  licensed: boolean;
}

/**
 * Reads and checks a blueprint.
 * @param file path of the YAML file.
 * @param label how to call it in messages.
 * @throws an error whose message lists every problem with its line, one a line.
 */
export function loadBlueprint(file: string, label: string, assumptions: Assumptions): Blueprint {
  const text = readBlueprint(file, label);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, version: "1.2" });
  const syntax = document.errors.map((error) => ({
    line: lines.linePos(error.pos[0]).line,
    text: firstLine(error.message),
  }));
  if (syntax.length > 0) throw blueprintError(label, syntax);

  const parsed = blueprintSchema.safeParse(document.toJS() ?? {});
  const problems = parsed.success ? problemsOf(parsed.data, assumptions) : parsed.error.issues.map(problemOf);
  if (problems.length > 0) {
    throw blueprintError(
      label,
      problems.map((problem) => ({ line: lineOf(document, lines, problem.path), text: describe(problem) })),
    );
  }
  return parsed.data as Blueprint;
}

function readBlueprint(file: string, label: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new Error(
      `${label}: there is no such file. Set infisical:blueprint to a blueprint, such as blueprints/my-rag.yaml.`,
    );
  }
}

function problemOf(issue: z.core.$ZodIssue): Problem {
  const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
  if (issue.code === "unrecognized_keys") {
    return { path: [...path, ...issue.keys.slice(0, 1)], text: `unknown key "${issue.keys.join('", "')}"` };
  }
  if (issue.code === "invalid_key") return { path, text: issue.issues.map(({ message }) => message).join("; ") };
  return { path, text: issue.message };
}

function describe({ path, text }: Problem): string {
  return path.length === 0 ? text : `${path.join(".")}: ${text}`;
}

/** The line of the deepest part of the path that stands in the file. */
function lineOf(document: Document, lines: LineCounter, path: Problem["path"]): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const offset = offsetOf(document, path.slice(0, depth));
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return 1;
}

/** Where a key stands, or where an item of a list begins. */
function offsetOf(document: Document, path: Problem["path"]): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isNode(key) && String(key) === String(last));
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const node = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}

function blueprintError(label: string, found: { line: number; text: string }[]): Error {
  return new Error(found.map(({ line, text }) => `${label}:${line}: ${text}`).join("\n"));
}

function firstLine(text: string): string {
  return text.split("\n")[0]?.replace(/ at line \d+.*$/, "") ?? text;
}
