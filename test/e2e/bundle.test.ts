import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../cli/core/places";

interface Line {
  name: string;
  state: string;
  detail: string;
}

/** Exit code 3 says that something is missing: an answer like any other. */
async function check(env: { [name: string]: string } = {}): Promise<{ code: number; parts: Line[] }> {
  const args = ["--import", "tsx", "cli/main.ts", "bundle", "--check", "--json"];
  const running = promisify(execFile)(process.execPath, args, { cwd: ROOT, env: { ...process.env, ...env } });
  const { stdout, code } = await running.then(
    ({ stdout }) => ({ stdout, code: 0 }),
    (error: { stdout: string; code: number }) => error,
  );
  return { code, parts: JSON.parse(stdout.slice(0, stdout.lastIndexOf("]") + 1)) as Line[] };
}

describe("the check of a bundle", () => {
  let seen: { code: number; parts: Line[] };

  beforeAll(async () => {
    seen = await check();
  });

  it("names every part that a machine without internet needs", () => {
    const names = seen.parts.map(({ name }) => name);
    for (const part of [
      "this project",
      "Pulumi CLI",
      "Pulumi plugin docker",
      "npm packages",
      "Python packages",
      "image redis",
    ]) {
      expect(names.some((name) => name.startsWith(part))).toBe(true);
    }
  });

  it("says of each whether it is the real thing, a stand-in, or missing, and fails when one is missing", () => {
    expect(new Set(seen.parts.map(({ state }) => state))).not.toContain(undefined);
    for (const { state } of seen.parts) expect(["real", "stand-in", "missing"]).toContain(state);
    expect(seen.code).toBe(seen.parts.some(({ state }) => state === "missing") ? 3 : 0);
  });

  it("names images and packages as missing where neither Docker nor a registry is reached", async () => {
    const { code, parts } = await check({
      DOCKER_HOST: "unix:///nowhere/docker.sock",
      npm_config_registry: "http://127.0.0.1:9/",
    });
    const lost = parts.filter(({ state }) => state === "missing").map(({ name }) => name);
    expect(code).toBe(3);
    expect(lost.filter((name) => name.startsWith("image "))).toHaveLength(3);
    expect(lost.some((name) => name.startsWith("npm packages"))).toBe(true);
  });
});
