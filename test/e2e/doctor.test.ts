import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { diagnose } from "../../cli/commands/doctor";
import { sandboxFolder } from "../../cli/core/sandbox-process";
import { TestStack } from "../support/stack";

describe("the doctor of a stack on the sandbox", () => {
  let stack: TestStack;

  beforeAll(async () => {
    stack = await TestStack.open({ target: "sandbox" });
    await stack.up();
  });
  afterAll(() => stack?.dispose());

  const status = async (check: string): Promise<string | undefined> =>
    (await diagnose(stack.workspace)).find((one) => one.check === check)?.status;

  it("finds nothing bad, says what is missing, and gives a remedy for it", async () => {
    const findings = await diagnose(stack.workspace);
    expect(findings.filter(({ status }) => status === "bad")).toEqual([]);
    const seen = Object.fromEntries(findings.map(({ check, status }) => [check, status]));
    expect(seen).toMatchObject({
      passphrase: "ok",
      "key of the data": "ok",
      server: "ok",
      port: "ok",
      licence: "ok",
      "secrets to fill in": "warn",
      backup: "warn",
      "client secret of rag-sdk-identity": "ok",
    });
    expect(findings.filter(({ status, remedy }) => status === "warn" && remedy === undefined)).toEqual([]);
  });

  it("sees a passphrase that does not open the state", async () => {
    const workspace = { ...stack.workspace, env: { ...stack.workspace.env, PULUMI_CONFIG_PASSPHRASE: "wrong" } };
    const finding = (await diagnose(workspace)).find(({ check }) => check === "passphrase");
    expect(finding).toMatchObject({ status: "bad", remedy: expect.stringContaining("passphrase") });
  });

  it("sees data that was written with another key", async () => {
    const file = join(sandboxFolder(stack.name), "key-fingerprint");
    writeFileSync(file, "0123456789abcdef\n");
    onTestFinished(() => rmSync(file));
    expect(await status("key of the data")).toBe("bad");
  });

  it("sees a server that does not answer", async () => {
    process.kill(stack.sandboxPid(), "SIGKILL");
    expect(await status("server")).toBe("bad");
    await stack.bringUp();
    expect(await status("server")).toBe("ok");
  });
});
