import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../cli/core/places";
import { pages, readPage } from "./blocks";

/** Links of a page that lead to something of this project, code left out. */
function linksOf(page: string): string[] {
  const prose = readPage(page)
    .replaceAll(/```[\s\S]*?```/g, "")
    .replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^\w+:/.test(target));
}

/** As GitHub names the headings of a page. */
function anchorsOf(page: string): string[] {
  const headings = [...readPage(page).matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => title);
  return headings.map((title) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe.each(pages())("the links in %s", (page) => {
  it("lead to files that are there, and to headings that they have", () => {
    const broken = linksOf(page).filter((link) => {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? page : join(dirname(page), path);
      if (!existsSync(resolve(ROOT, target))) return true;
      return anchor !== undefined && target.endsWith(".md") && !anchorsOf(target).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});

describe("the guides", () => {
  it("are all in the list of docs/README.md, or linked from the first page", () => {
    const listed = [...linksOf("docs/README.md").map((link) => join("docs", link)), ...linksOf("README.md")];
    const missing = pages().filter((page) => !/(^|\/)README\.md$/.test(page) && !page.startsWith("docs/decisions/"));
    expect(missing.filter((page) => !listed.some((link) => link.split("#")[0] === page))).toEqual([]);
  });
});
