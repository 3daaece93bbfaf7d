import { describe, expect, it } from "vitest";
import { blocksOf } from "../../docs/blocks";

describe("the command blocks of a page", () => {
  it("are those of a shell, with the line of their first command", () => {
    const page = ["# Title", "", "```sh", "one", "two # with words", "```", "", "```text", "output", "```"].join("\n");
    expect(blocksOf("a.md", page)).toEqual([
      { page: "a.md", line: 4, commands: "one\ntwo # with words", input: "", notRun: undefined, needsDocker: false },
    ]);
  });

  it("have what the comments right before them say", () => {
    const page = ["<!-- needs docker -->", "<!-- input: typed -->", "", "```sh", "ask", "```"].join("\n");
    expect(blocksOf("a.md", page)).toMatchObject([{ input: "typed", needsDocker: true, notRun: undefined }]);
    expect(blocksOf("a.md", "<!-- not run: a reason -->\n```sh\nx\n```")).toMatchObject([{ notRun: "a reason" }]);
  });

  it("have nothing of comments that stand further up", () => {
    const page = "<!-- not run: a reason -->\n```sh\nfirst\n```\nwords\n```sh\nsecond\n```\n";
    expect(blocksOf("a.md", page).map(({ notRun }) => notRun)).toEqual(["a reason", undefined]);
    expect(blocksOf("a.md", "<!-- not run: a reason -->\nwords\n```sh\nx\n```")[0]?.notRun).toBeUndefined();
  });

  it("are those of a fence that names no language, too, when it begins with a command", () => {
    expect(blocksOf("a.md", "```\nnpm run up\n```\n\n```\nready after 3 s\n```")).toHaveLength(1);
  });

  it("are found in lists, without their indent", () => {
    const page = "1. Step\n\n   ```sh\n   cat <<X\n     deep\n   X\n   ```\n";
    expect(blocksOf("a.md", page)[0]?.commands).toBe("cat <<X\n  deep\nX");
  });
});
