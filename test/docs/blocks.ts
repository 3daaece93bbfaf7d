import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../cli/core/places";

/** Commands in a page that a reader is told to type. */
export interface Block {
  /** Relative to the project's folder. */
  page: string;
  /** Line of its first command, from 1. */
  line: number;
  commands: string;
  /** What a person would type when the commands ask. */
  input: string;
  /** Why no test runs it. */
  notRun: string | undefined;
  needsDocker: boolean;
}

const FENCE = /^(\s*)```(\S*)/;
const SHELLS = ["sh", "bash", "shell", "console", "zsh"];
/** What a fence without a language begins with when it is commands all the same. */
const COMMAND = /^\s*(\$ )?(npm|npx|node|docker|pulumi|git|curl|tar|python3?|pip|bash|sh|cd|export|eval|ssh) /;

/**
 * All command blocks of a page. Comments before a block say what a test has to know: `<!-- not run: reason -->`,
 * `<!-- needs docker -->`, `<!-- input: what is typed -->`; readers do not see them.
 */
export function blocksOf(page: string, text: string): Block[] {
  const lines = text.split("\n");
  const blocks: Block[] = [];
  let comments: string[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    const fence = FENCE.exec(line);
    if (fence !== null) {
      const [, indent = "", language = ""] = fence;
      const end = lines.findIndex((other, at) => at > index && other.startsWith(`${indent}\`\`\``));
      const inside = lines.slice(index + 1, end === -1 ? undefined : end).map((one) => one.slice(indent.length));
      const isShell = SHELLS.includes(language) || (language === "" && COMMAND.test(inside[0] ?? ""));
      if (isShell) blocks.push(blockOf(page, index + 2, inside.join("\n"), comments));
      index = end === -1 ? lines.length : end;
      comments = [];
    } else if (/^\s*<!--.*-->\s*$/.test(line)) comments.push(line.trim().slice("<!--".length, -"-->".length).trim());
    else if (line.trim() !== "") comments = [];
  }
  return blocks;
}

function blockOf(page: string, line: number, commands: string, comments: string[]): Block {
  const said = (name: string): string | undefined =>
    comments
      .find((comment) => comment.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  const needsDocker = comments.includes("needs docker");
  return { page, line, commands, input: said("input") ?? "", notRun: said("not run"), needsDocker };
}

/** README first, then the guides; pages that change what the others rely on come last among their like. */
export function pages(): string[] {
  const guides = readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file));
  const rank = (page: string): number => LAST.indexOf(page);
  return ["README.md", ...guides.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))];
}

/** Pages to which a reader comes with a stack that is new: on Docker, or with another blueprint. */
export const FROM_NEW = [
  "docs/quickstart.md",
  "docs/rotation.md",
  "docs/how-to/adopt-a-project.md",
  "docs/how-to/several-services.md",
];
const LAST = ["docs/how-to/rotate.md", ...FROM_NEW];

export function readPage(page: string): string {
  return readFileSync(join(ROOT, page), "utf8");
}
