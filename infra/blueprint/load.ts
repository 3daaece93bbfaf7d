import { readFileSync } from "node:fs";
import { isMap, isNode, LineCounter, parseDocument, type Document } from "yaml";
import type { z } from "zod";
import { nearName } from "../near-name";
import type { Assumptions } from "./assumptions";
import { problemsOf } from "./checks";
import { expand } from "./expand";
import { nearKey } from "./known-keys";
import { licenceBound } from "./licence";
import { EVERY_ENVIRONMENT } from "./names";
import type { Problem } from "./problem";
import { referenceProblems, unreadableReferences } from "./references";
import { blueprintSchema, type Blueprint } from "./schema";
import { yamlTraps } from "./yaml-traps";

/** A blueprint, and where in its file something stands. */
export interface BlueprintFile {
  plan: Blueprint;
  /** `blueprints/my-rag.yaml:12` for a path such as `["projects", "my-rag", "secrets", "dev", "/a", "KEY"]`. */
  where: (path: Problem["path"]) => string;
}

/** {@link readBlueprintFile} for those who do not ask where. */
export function loadBlueprint(file: string, label: string, assumptions: Assumptions): Blueprint {
  return readBlueprintFile(file, label, assumptions).plan;
}

/**
 * Reads and checks a blueprint.
 * @param file path of the YAML file.
 * @param label how to call it in messages.
 * @throws an error whose message lists every problem with its line, one a line.
 */
export function readBlueprintFile(file: string, label: string, assumptions: Assumptions): BlueprintFile {
  const text = readText(file, label);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, version: "1.2" });
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const refuse = (found: { line: number; text: string }[]): void => {
    if (found.length > 0) throw blueprintError(label, found);
  };
  refuse(syntaxErrors(document).map((error) => ({ line: lineAt(error.pos[0]), text: syntaxText(error, text) })));
  const traps = yamlTraps(document);
  refuse(traps.map((trap) => ({ line: lineAt(trap.offset), text: trap.text })));

  const lineOf = (path: Problem["path"]): number => lineAt(offsetNear(document, path) ?? 0);
  const told = (problems: Problem[]): void =>
    refuse(problems.map((problem) => ({ line: lineOf(problem.path), text: describe(problem) })));
  const parsed = blueprintSchema.safeParse(document.toJS() ?? {});
  if (!parsed.success) told(withoutEchoes(parsed.error.issues).flatMap((issue) => problemsOfIssue(issue)));
  const written = parsed.data as z.output<typeof blueprintSchema>;
  told(problemsOf(written, assumptions));
  const plan = expand(written);
  told([...referenceProblems(plan), ...unreadableReferences(plan)]);
  return { plan, where: (path) => `${label}:${lineOf(path)}` };
}

function readText(file: string, label: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new Error(
      `${label}: there is no such file. Set infisical:blueprint to a blueprint, such as blueprints/my-rag.yaml.`,
    );
  }
}

/** Behind a first mistake in the form the parser finds others that are none; keys that stand twice are each a mistake. */
function syntaxErrors({ errors }: Document): Document["errors"] {
  const first = errors.find(({ code }) => code !== "DUPLICATE_KEY");
  return first === undefined ? errors : [first];
}

/** The parser says "Map keys must be unique"; which key it is stands at the place that it points to. */
function syntaxText(error: { code: string; message: string; pos: [number, number] }, text: string): string {
  if (error.code !== "DUPLICATE_KEY") return firstLine(error.message);
  const key = /^[^:\n]*/.exec(text.slice(error.pos[0]))?.[0].trim() ?? "";
  return `${key} stands here twice; take one of them out`;
}

/** A misspelt key often leaves something missing, too; the key is what is wrong. */
function withoutEchoes(issues: z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  const misspelt = issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? issue.keys.map((key) => ({ at: issue.path.join("\n"), key })) : [],
  );
  const isEcho = ({ code, path }: z.core.$ZodIssue): boolean =>
    code === "custom"
      ? misspelt.some(({ at }) => at === path.join("\n"))
      : code === "invalid_type" &&
        misspelt.some(
          ({ at, key }) => at === path.slice(0, -1).join("\n") && nearName(key, [String(path.at(-1))]) !== undefined,
        );
  return issues.filter((issue) => !isEcho(issue));
}

/** @param within where the issue's own path begins. */
function problemsOfIssue(issue: z.core.$ZodIssue, within: Problem["path"] = []): Problem[] {
  const path = [...within, ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...path, key], text: licenceBound(key) ?? unknownKey(path, key) }));
  }
  if (issue.code === "invalid_key") return [{ path, text: issue.issues.map(({ message }) => message).join("; ") }];
  if (issue.code === "invalid_union") return unionProblems(issue, path);
  if (issue.code === "invalid_type" && issue.expected === "string") {
    return [{ path, text: "write a text, in quotes when it looks like a number or like true and false" }];
  }
  return [{ path, text: issue.message }];
}

function unknownKey(path: Problem["path"], key: string): string {
  const near = nearKey(path, key);
  return near === undefined ? `unknown key "${key}"` : `unknown key "${key}". Did you mean ${near}?`;
}

/** Of an object that fits no form, what is wrong with it as the form that it is nearest to: the one for objects. */
function unionProblems(issue: z.core.$ZodIssueInvalidUnion, path: Problem["path"]): Problem[] {
  const near = issue.errors.find((issues) =>
    issues.every(({ code, path: at }) => code !== "invalid_type" || at.length > 0),
  );
  if (near === undefined || near.every((one) => one.path.length === 0 && one.code !== "unrecognized_keys")) {
    return [{ path, text: issue.message }];
  }
  return near.flatMap((one) => problemsOfIssue(one, path));
}

function describe({ path, text }: Problem): string {
  return path.length === 0 ? text : `${path.join(".")}: ${text}`;
}

/** Where the deepest part of the path stands in the file; what is said for every environment stands there. */
function offsetNear(document: Document, path: Problem["path"]): number | undefined {
  const everywhere = path.map((part, depth) => (depth === 3 && path[0] === "projects" ? EVERY_ENVIRONMENT : part));
  for (let depth = path.length; depth > 0; depth -= 1) {
    const offset = offsetOf(document, path.slice(0, depth)) ?? offsetOf(document, everywhere.slice(0, depth));
    if (offset !== undefined) return offset;
  }
  return undefined;
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
