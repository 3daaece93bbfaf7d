import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { takeDown } from "../../cli/commands/down";
import { stateFilesOf } from "../../cli/core/belongings";
import type { CertificateLine } from "../../cli/core/certificate";
import { ensureStack, invocation } from "../../cli/core/pulumi";
import { PROJECT_LABEL, ROLE_LABEL, STACK_LABEL } from "../../infra/labels";
import { describeOnDocker } from "../support/docker";
import { dockerIfReached } from "../support/engine";
import { sandboxFolder } from "../../cli/core/sandbox-process";
import { TestStack } from "../support/stack";

const counts = (lines: CertificateLine[], kind: CertificateLine["kind"]): [existed: number, left: number] => {
  const line = lines.find((one) => one.kind === kind);
  return [line?.existed ?? -1, line?.left.length ?? -1];
};
const left = (lines: CertificateLine[]): string[] => lines.flatMap((line) => line.left);

describe("the certificate of a sandbox that is taken down", () => {
  let stack: TestStack;

  beforeAll(async () => {
    stack = await TestStack.open({ target: "sandbox" });
    await stack.up();
  });
  afterAll(() => stack?.dispose());

  it("names process, port and files, and all of them are gone", async () => {
    const theirs = await volumeOfAnotherClone(stack.name);
    mkdirSync(`${sandboxFolder(stack.name)}.before-restore`);
    const lines = await takeDown(stack.workspace, { quiet: true });
    expect(existsSync(`${sandboxFolder(stack.name)}.before-restore`)).toBe(false);
    expect(counts(lines, "processes")).toEqual([1, 0]);
    expect(counts(lines, "ports")).toEqual([1, 0]);
    expect(counts(lines, "files")[0]).toBeGreaterThan(10);
    expect(counts(lines, "resources in the state")[0]).toBeGreaterThan(10);
    expect(left(lines)).toEqual([]);
    expect(existsSync(sandboxFolder(stack.name))).toBe(false);
    expect(stateFilesOf(stack.workspace)).toEqual([]);
    await theirs?.remove();
  });

  it("is as good when nobody has the passphrase any more, and everything is swept away", async () => {
    await ensureStack(stack.workspace);
    await stack.up();
    const workspace = { ...stack.workspace, env: { ...stack.workspace.env, PULUMI_CONFIG_PASSPHRASE: "another" } };
    await expect(takeDown(workspace, { quiet: true })).rejects.toThrow(/passphrase/);
    const lines = await takeDown(workspace, { quiet: true, sweep: true, deleteData: true });
    expect(counts(lines, "processes")).toEqual([1, 0]);
    expect(left(lines)).toEqual([]);
  });

  it("is all zeros when there is nothing to take down", async () => {
    const lines = await takeDown(stack.workspace, { quiet: true });
    expect(lines.map(({ existed }) => existed)).toEqual(lines.map(() => 0));
  });
});

describeOnDocker("taking a stack on Docker down", () => {
  it("asks for protected data by name, touches nothing until then, and deletes it when told to", async () => {
    const stack = await TestStack.open({ target: "docker", config: { "server.durable": "true" } });
    try {
      await stack.up();
      const before = await stack.leftovers();
      await expect(takeDown(stack.workspace, { quiet: true })).rejects.toThrow(
        /is protected \(server\.durable\).*Nothing was touched.*--delete-data/s,
      );
      expect(await stack.leftovers()).toEqual(before);
      const theirs = await volumeOfAnotherClone(stack.name);
      const lines = await takeDown(stack.workspace, { quiet: true, deleteData: true });
      expect(await stack.leftovers()).toEqual([`volume ${theirs?.name}`]);
      await theirs?.remove();
      expect(counts(lines, "containers")).toEqual([3, 0]);
      expect(counts(lines, "volumes")).toEqual([2, 0]);
      expect(counts(lines, "networks")).toEqual([1, 0]);
      expect(left(lines)).toEqual([]);
    } finally {
      await stack.dispose();
    }
  });

  it("leaves nothing of an up that was killed in its middle, nor of one whose state is lost", async () => {
    const stack = await TestStack.open({ target: "docker" });
    try {
      await killInTheMiddle({ workspace: stack.workspace, leftovers: () => stack.leftovers() });
      const lines = await takeDown(stack.workspace, { quiet: true });
      expect(counts(lines, "containers")[0]).toBeGreaterThan(0);
      expect(left(lines)).toEqual([]);

      await stack.bringUp();
      rmSync(join(stack.backend.folder, "state", ".pulumi"), { recursive: true });
      const told = await takeDown(stack.workspace, { quiet: true });
      expect(left(told).length).toBeGreaterThanOrEqual(6);
      await expect(takeDown(stack.workspace, { quiet: true, sweep: true })).rejects.toThrow(/Nothing was touched/);
      const swept = await takeDown(stack.workspace, { quiet: true, sweep: true, deleteData: true });
      expect(counts(swept, "containers")).toEqual([3, 0]);
      expect(counts(swept, "volumes")).toEqual([2, 0]);
      expect(left(swept)).toEqual([]);
    } finally {
      await stack.dispose();
    }
  });
});

/** A volume as another copy of the project makes it for a stack of the same name; nothing where there is no Docker. */
async function volumeOfAnotherClone(stack: string): Promise<{ name: string; remove: () => Promise<void> } | undefined> {
  const engine = await dockerIfReached();
  if (engine === undefined) return undefined;
  const name = `infisical-${stack}-postgres-data-zzz999`;
  const Labels = { [PROJECT_LABEL]: "infisical", [STACK_LABEL]: stack, [ROLE_LABEL]: "postgres-data" };
  await engine.createVolume({ Name: name, Labels });
  return { name, remove: () => engine.getVolume(name).remove() };
}

/** SIGKILL for the CLI as soon as the first container is there. */
async function killInTheMiddle({ workspace, leftovers }: Pick<TestStack, "workspace" | "leftovers">): Promise<void> {
  const { args, cwd } = invocation(workspace, ["up", "--yes", "--skip-preview"]);
  const cli = spawn("pulumi", args, { cwd, env: workspace.env, stdio: "ignore" });
  const over = once(cli, "exit");
  while (cli.exitCode === null && !(await leftovers()).some((what) => what.startsWith("container "))) await pause(50);
  expect(cli.exitCode, "the run ended before it could be killed").toBeNull();
  cli.kill("SIGKILL");
  await over;
}
