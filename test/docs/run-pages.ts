import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dockerObstacle } from "../support/engine";
import { recordNotRun } from "../support/not-run";
import { blocksOf, readPage, type Block } from "./blocks";
import { DocsLab, type Outcome } from "./lab";

/** How pages come to their stacks. */
export interface Course {
  /** Tells labs apart that are used at the same time. */
  lab: string;
  /** Each page gets a stack that is new; otherwise it finds what the page before it left. */
  fromNew: boolean;
}

/** Tests that type the commands of these pages. A page is one session: its blocks in their order, in one shell. */
export function runPages(pages: string[], { lab: name, fromNew }: Course): void {
  const lab = new DocsLab(name);
  const obstacle = dockerObstacle();
  const all = pages.flatMap((page) => blocksOf(page, readPage(page)));
  const tagged = all.filter(({ notRun }) => notRun !== undefined);
  const notHere = all.filter(
    ({ notRun, needsDocker }) => notRun === undefined && needsDocker && obstacle !== undefined,
  );
  const runnable = all.filter((block) => !tagged.includes(block) && !notHere.includes(block));
  const seconds: { [page: string]: number } = {};
  let done = 0;

  beforeAll(() => lab.open());
  afterAll(() => lab.takeDown());

  describe.each(pages.filter((page) => runnable.some((block) => block.page === page)))("the commands in %s", (page) => {
    const blocks = runnable.filter((block) => block.page === page);
    let outcomes: Outcome[] = [];

    beforeAll(async () => {
      const since = Date.now();
      const onDocker = blocks.some(({ needsDocker }) => needsDocker);
      if (fromNew) await lab.startOver("dev", onDocker ? "docker" : "sandbox");
      const bringsUp = blocks.some(({ commands }) => /^npm run up$/m.test(commands));
      if (!bringsUp && !lab.isUp("dev")) await lab.type("up", "--", "--no-verify");
      outcomes = await lab.session(blocks);
      seconds[page] = Math.round((Date.now() - since) / 1_000);
    });

    it.each(blocks.map((block, index) => [titleOf(block), index] as const))("%s", (_title, index) => {
      const { state, text } = outcomes[index] ?? { state: "not reached", text: "" };
      expect(state, text.slice(-3_000)).toBe("done");
      done += 1;
    });
  });

  describe("the command blocks of these pages", () => {
    it("are all run, or say why not", () => {
      for (const { page, line, notRun } of tagged) {
        expect(notRun, `${page}:${line}`).toMatch(/\S{3}/);
        recordNotRun(`commands in ${page}:${line}`, notRun ?? "");
      }
      for (const { page, line } of notHere) recordNotRun(`commands in ${page}:${line}`, obstacle ?? "");
      const not = `tagged "not run" ${tagged.length}, not run on this machine ${notHere.length}`;
      console.log(`docs (${name}): blocks ${all.length}, run ${done}, ${not}; seconds: ${JSON.stringify(seconds)}`);
      expect(done + tagged.length + notHere.length).toBe(all.length);
    });

    it("name no place that a reader would have to fill in, unless they are not run", () => {
      const holes = runnable.filter(({ commands }) => /<[a-z][\w -]*>|YOUR_/.test(commands));
      expect(holes.map(titleOf)).toEqual([]);
    });
  });
}

function titleOf({ page, line, commands }: Block): string {
  return `${page}:${line} ${commands.split("\n")[0] ?? ""}`;
}
