import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { afterAll, beforeAll, expect, it } from "vitest";
import { exchange, upgradeStack } from "../../cli/commands/upgrade";
import { readBackWithSdks } from "../../cli/core/consumers";
import { describeOnDocker } from "../support/docker";
import { TestStack } from "../support/stack";

const NOW = "infisical/infisical:v0.159.22";
const GOOD = "v0.159.23";
const BROKEN = "v0.159.97";

describeOnDocker("an upgrade of a stack on Docker", (engine: Docker) => {
  let stack: TestStack;
  let folder: string;

  const readable = async (): Promise<string[]> =>
    (await readBackWithSdks(stack.workspace)).map(({ outcome }) => outcome).filter((outcome) => outcome !== "not run");
  const image = async (): Promise<string> => {
    const label = [`infisical-pulumi.stack=${stack.name}`, "infisical-pulumi.role=infisical"];
    const [container] = await engine.listContainers({ filters: { label } });
    return container?.ImageID ?? "none";
  };
  const idOf = async (name: string): Promise<string> => (await engine.getImage(name).inspect()).Id;

  /** A later version that ends as soon as it starts. */
  const makeBroken = async (): Promise<void> => {
    const container = await engine.createContainer({ Image: NOW });
    const changes = `CMD ["sh", "-c", "echo this version does not start; exit 1"]`;
    await container.commit({ repo: "infisical/infisical", tag: BROKEN, changes });
    await container.remove();
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "upgrade-e2e-"));
    await makeBroken();
    stack = await TestStack.open({ target: "docker", config: { "server.readyTimeout": "60" } });
    await stack.up();
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await stack?.dispose();
    await engine.getImage(`infisical/infisical:${BROKEN}`).remove({ force: true });
  });

  it("is told by a preview, with what is known to change and the command that rehearses it", async () => {
    stack.configure({ "image.infisical": `infisical/infisical:${BROKEN}` });
    const { stdout, stderr } = await stack.must(["preview"]);
    stack.configure({ "image.infisical": undefined });
    expect(stdout + stderr).toContain("npm run upgrade -- --to v0.159.97");
    expect(stdout + stderr).toMatch(/since v0\.159\.24, a token from POST \/api\/v1\/admin\/bootstrap is refused/);
  });

  it("is not begun when its rehearsal fails", async () => {
    const before = await stack.leftovers();
    await expect(upgradeStack(stack.workspace, { to: BROKEN, folder })).rejects.toThrow(
      /rehearsal of infisical\/infisical:v0\.159\.97 failed, and the stack .* is untouched/,
    );
    expect(await stack.leftovers()).toEqual(before);
    expect(await image()).toBe(await idOf(NOW));
    expect(await readable()).not.toContain("failed");
  });

  it("goes back to image and data from before when it fails after its rehearsal", async () => {
    const credential = await stack.output("clientSecret");
    await expect(exchange(stack.workspace, `infisical/infisical:${BROKEN}`, { folder })).rejects.toThrow(
      /not upgraded to v0\.159\.97.*is on v0\.159\.22 with its data from before/s,
    );
    expect(stack.setting("image.infisical")).toBe(NOW);
    expect(await image()).toBe(await idOf(NOW));
    expect(await stack.output("clientSecret")).toBe(credential);
    expect(await readable()).not.toContain("failed");
  });

  it("passes with a good image", async () => {
    const { from, to } = await upgradeStack(stack.workspace, { to: GOOD, folder });
    expect([from, to]).toEqual(["v0.159.22", GOOD]);
    expect(await image()).toBe(await idOf(`infisical/infisical:${GOOD}`));
    expect(await readable()).not.toContain("failed");
  });

  it("is not done backwards", async () => {
    await expect(upgradeStack(stack.workspace, { to: "v0.159.22", folder })).rejects.toThrow(
      /is older than v0\.159\.23/,
    );
  });
});
