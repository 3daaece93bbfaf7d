import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFile } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../cli/core/places";
import { TestBackend, TestStack } from "../support/stack";

const POLICY = join(ROOT, "policy");
const BREAKER = join(ROOT, "test", "fixtures", "policy-breaker");

interface Outcome {
  code: number;
  text: string;
}

function pulumi(backend: TestBackend, folder: string, args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile("pulumi", [...args, "--non-interactive"], { cwd: folder, env: backend.env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), text: `${stdout}\n${stderr}` });
    });
  });
}

describe("the policy pack", () => {
  const files = mkdtempSync(join(tmpdir(), "policy-breaker-"));
  let backend: TestBackend;

  beforeAll(async () => {
    backend = new TestBackend();
    // The stack's file is written where the stack is made, and must not lie in the repository.
    copyFileSync(join(BREAKER, "Pulumi.yaml"), join(files, "Pulumi.yaml"));
    const { code, text } = await pulumi(backend, files, ["stack", "init", "breaker", "--no-select"]);
    if (code !== 0) throw new Error(text);
  });
  afterAll(() => {
    backend?.remove();
    rmSync(files, { recursive: true, force: true });
  });

  async function preview(broken: string): Promise<Outcome> {
    const settings = ["--stack", "breaker", "--config-file", join(files, "Pulumi.breaker.yaml")];
    await pulumi(backend, files, ["config", "set", "break", broken, ...settings]);
    return pulumi(backend, BREAKER, ["preview", "--policy-pack", POLICY, ...settings]);
  }

  it("lets pass what breaks none of them", async () => {
    const { code, text } = await preview("nothing");
    expect(text).not.toMatch(/\[(mandatory|advisory)\]/);
    expect(code).toBe(0);
  });

  it.each([
    ["no-secret-in-clear", "the input envs.0 is a secret in clear"],
    ["no-unacknowledged-wide-grant", 'the privilege "stack-access" takes in every folder'],
    ["no-exposure-without-tls", "port 6379 is published on 0.0.0.0 without TLS"],
    ["durable-is-protected", "durable-key belongs to a durable server and is not protected"],
    ["images-are-pinned", 'image redis:latest has the tag "latest"'],
  ])("stops a program that breaks %s, and shows no value", async (policy, message) => {
    const { code, text } = await preview(policy);
    expect(text).toContain(message);
    expect([...text.matchAll(/\[mandatory\] \[severity: \w+\] +(\S+)/g)].map(([, name]) => name)).toEqual([policy]);
    expect(text).not.toContain("REDISCLI_AUTH=abc");
    expect(code).not.toBe(0);
  });

  it("only advises to name digests", async () => {
    const { code, text } = await preview("image-digests-are-named");
    expect(text).toMatch(/\[advisory\] \[severity: low\] +image-digests-are-named/);
    expect(code).toBe(0);
  });
});

describe("the stack itself", () => {
  it("breaks no policy, neither in a preview nor when it is brought up", async () => {
    const stack = await TestStack.open({ target: "sandbox" });
    try {
      for (const args of [["preview"], ["up", "--yes", "--skip-preview"], ["preview", "--expect-no-changes"]]) {
        const { stdout } = await stack.must([...args, "--policy-pack", POLICY]);
        expect(stdout).toContain("infisical-pulumi-stack@v0.1.0");
        expect(stdout).not.toMatch(/\[(mandatory|advisory)\]/);
      }
    } finally {
      await stack.dispose();
    }
  });
});
