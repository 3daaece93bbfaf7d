import { describe, expect, it } from "vitest";
import { ROOT } from "../../../cli/core/places";
import { invocation } from "../../../cli/core/pulumi";
import type { Workspace } from "../../../cli/core/workspace";

const WORKSPACE: Workspace = {
  stack: "dev",
  env: {},
  configFile: "/copy/Pulumi.dev.yaml",
  quietFolder: "/copy",
  ownBackend: undefined,
  standIns: [],
  tools: { parts: {}, path: [], standInPath: [] },
};
const FILE = ["--config-file", "/copy/Pulumi.dev.yaml"];

describe("a command line of Pulumi", () => {
  it.each([
    [["up", "--yes"]],
    [["preview", "--diff"]],
    [["destroy"]],
    [["refresh", "--yes"]],
    [["config", "set", "--secret", "OPENAI_API_KEY", "abc"]],
    [["--color", "never", "up"]],
    [["-v", "3", "--logtostderr", "preview"]],
  ])("%j works on the copy of the stack file, in the project's folder", (args) => {
    expect(invocation(WORKSPACE, args)).toEqual({ args: [...args, ...FILE], cwd: ROOT });
  });

  it.each([[["stack", "output", "clientId"]], [["stack", "rm", "dev"]], [["version"]], [["--version"]], [[]]])(
    "%j takes no such option, and is kept away from the tracked file",
    (args: string[]) => {
      expect(invocation(WORKSPACE, args)).toEqual({ args, cwd: "/copy" });
    },
  );

  it("keeps a value that begins with a hyphen where it is", () => {
    expect(invocation(WORKSPACE, ["config", "set", "--secret", "KEY", "--", "-abc"]).args).toEqual([
      "config",
      "set",
      "--secret",
      "KEY",
      ...FILE,
      "--",
      "-abc",
    ]);
  });

  it("is left alone for a backend of the user's own", () => {
    const own = { ...WORKSPACE, configFile: undefined, ownBackend: "https://api.pulumi.com" };
    expect(invocation(own, ["up"])).toEqual({ args: ["up"], cwd: ROOT });
    expect(invocation(own, ["stack", "ls"])).toEqual({ args: ["stack", "ls"], cwd: ROOT });
  });
});
