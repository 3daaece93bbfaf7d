import { describe, expect, it } from "vitest";
import { commandProvider } from "../../../tools/standins/command.mjs";

const GATE = "urn:pulumi:dev::infisical::infisical:server$command:local:Command::gate";

const secret = (value: unknown): Record<string, unknown> => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

function standIn(): { provider: ReturnType<typeof commandProvider>; shown: string[] } {
  const shown: string[] = [];
  return { provider: commandProvider(() => (line) => shown.push(line)), shown };
}

describe("the stand-in command plugin", () => {
  it("refuses an input that it does not implement, by name", async () => {
    const { failures } = await standIn().provider.check(GATE, {}, { create: "true", assetPaths: ["*"] });
    expect(failures.map((failure) => failure.property)).toEqual(["assetPaths"]);
  });

  it("refuses a resource that it does not have", async () => {
    const remote = GATE.replace("command:local:Command", "command:remote:Command");
    await expect(standIn().provider.check(remote, {}, {})).rejects.toThrow(/install the real plugin/);
  });

  it("shows the lines live and stores both streams without their last line feed", async () => {
    const { provider, shown } = standIn();
    const { id, outs } = await provider.create(GATE, {
      create: "echo waiting >&2; cat; echo $WORD",
      environment: { WORD: secret("ready") },
      stdin: "in\n",
    });
    expect(id).toMatch(/^gate[0-9a-f]{8}$/);
    expect(outs).toMatchObject({ stdout: "in\nready", stderr: "waiting", environment: { WORD: secret("ready") } });
    expect(shown.sort()).toEqual(["in", "ready", "waiting"]);
  });

  it.each([
    ["none", []],
    ["stdout", ["a"]],
    ["stderr", ["b"]],
  ])("shows with logging %s only what that says", async (logging, expected) => {
    const { provider, shown } = standIn();
    await provider.create(GATE, { create: "echo a; echo b >&2", logging });
    expect(shown).toEqual(expected);
  });

  it("fails with the exit status, the command and all that was written, whatever the logging", async () => {
    const create = standIn().provider.create(GATE, { create: "echo story >&2; exit 3", logging: "none" });
    await expect(create).rejects.toThrow('exit status 3: running "echo story >&2; exit 3":\nstory\n');
  });

  it("runs create again on an update without an own command, with what was written before", async () => {
    const { provider } = standIn();
    const state = { create: "x", stdout: "before", stderr: "" };
    const inputs = { create: "echo after $PULUMI_COMMAND_STDOUT" };
    const { outs } = await provider.update("id", GATE, state, inputs);
    expect(outs["stdout"]).toBe("after before");
  });

  it("replaces on changed triggers only", async () => {
    const { provider } = standIn();
    const state = { create: "true", triggers: ["a"], environment: { X: "1" }, stdout: "", stderr: "" };
    const update = await provider.diff("id", GATE, state, { ...state, environment: { X: "2" } });
    expect(update).toEqual({ changes: true, replaces: [] });
    const replace = await provider.diff("id", GATE, state, { ...state, triggers: ["b"] });
    expect(replace).toEqual({ changes: true, replaces: ["triggers"] });
  });
});
