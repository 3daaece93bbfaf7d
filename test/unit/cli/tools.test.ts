import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Failure } from "../../../cli/core/failure";
import { readTools, standInsOf } from "../../../cli/core/tools";

const places = vi.hoisted(() => ({ TOOLS_RECORD: "", ROOT: "", LOCAL: "" }));
vi.mock("../../../cli/core/places", () => places);

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tools-"));
  places.TOOLS_RECORD = join(folder, "tools.json");
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function record(text: string): void {
  writeFileSync(places.TOOLS_RECORD, text);
}

describe("the record of the tools", () => {
  it("names the stand-ins among them, and them only", () => {
    const parts = {
      pulumi: { version: "3.250.0", from: "go", path: "/bin/pulumi" },
      random: { from: "stand-in" },
      docker: { from: "PATH" },
      command: { from: "stand-in" },
    };
    record(JSON.stringify({ parts, path: ["/bin"], standInPath: ["/stand-ins"], python: null }));
    expect(standInsOf(readTools())).toEqual(["random", "command"]);
  });

  it.each([
    ["is missing", undefined],
    ["is cut off", '{"parts":'],
    ["is of another form", '{"parts": [], "path": "x"}'],
  ])("is asked for by name when it %s", (_case, text) => {
    if (text !== undefined) record(text);
    expect(() => readTools()).toThrow(Failure);
    expect(() => readTools()).toThrow("the tools are not set up. Start this by npm");
  });
});
