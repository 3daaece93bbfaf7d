import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBackWithSdks } from "../../cli/core/consumers";
import { rotateServerCredential } from "../../cli/commands/rotate-server";
import { requireIdentity, rotateCredential } from "../../cli/commands/rotate";
import { requireSecretTarget } from "../../cli/core/env-file";
import { ROLE_LABEL, STACK_LABEL } from "../../infra/labels";
import { emergency, killed, STEPS, underLoad } from "../matrix/rotation";
import { describeOnDocker } from "../support/docker";
import { IDENTITY, RotationStage } from "../support/rotation-stage";
import { TestStack } from "../support/stack";

/** `npm run matrix -- rotation` kills at every step, and rotates ten times, on both profiles. */
const KILLED_HERE = ["the server asked for a new client secret", "minted and not published"];

describe("the rotation of an identity's credential", () => {
  let stage: RotationStage;

  beforeAll(async () => {
    stage = await RotationStage.open("recorded");
    stage.stack.editBlueprint(["    grants:", "    clientSecret: { rotateAfter: 3600 }\n    grants:"]);
    await stage.stack.up();
  });
  afterAll(() => stage?.dispose());

  it("cuts no application off that logs in and reads meanwhile, and never has three client secrets alive", async () => {
    expect(await underLoad(stage, "recorded", 2)).toMatchObject({ ok: true });
  });

  it.each(STEPS.filter(({ step }) => KILLED_HERE.includes(step)))("goes on when it was killed: $step", async (one) => {
    expect(await killed(stage, one.step, one.after)).toMatchObject({ ok: true });
  });

  it("publishes to a file of mode 0600, and leaves everything else in it as it is", async () => {
    writeFileSync(stage.envFile, `# mine\nOTHER=kept\n${readFileSync(stage.envFile, "utf8")}`, { mode: 0o600 });
    await stage.rotateToTheEnd({});
    expect(readFileSync(stage.envFile, "utf8")).toMatch(/^# mine\nOTHER=kept\nINFISICAL_/);
    expect(statSync(stage.envFile).mode & 0o777).toBe(0o600);
    expect(await stage.published()).toBeDefined();
  });

  it("is refused while the one before is still in its grace, which nothing then shortens", async () => {
    const again = rotateCredential(stage.stack.workspace, IDENTITY, {});
    await expect(again).rejects.toThrow(/good until .+, and there are never more than two/);
    expect(await stage.alive()).toBe(2);
  });

  it("of an identity that the blueprint does not have is refused, with the names that there are", () => {
    expect(() => requireIdentity(stage.stack.workspace, "nobody")).toThrow(
      'the blueprint has no identity "nobody"; there are: rag-sdk-identity, server:automation',
    );
  });

  it("revokes what may be in wrong hands at once", async () => {
    expect(await emergency(stage, "recorded")).toMatchObject({ ok: true });
  });

  it("is made by `up` when the credential is older than rotateAfter, and the plan says so", async () => {
    const { stack } = stage;
    const before = await stage.published();
    await age(stack);
    const { stdout } = await stack.must(["preview"]);
    expect(stdout).toContain("longer ago than rotateAfter (3600 s), so it is rotated");
    await stack.up();
    expect(await stack.output("clientSecret")).not.toBe(before?.clientSecret);
    expect(await stage.alive()).toBe(2);
  });

  it("gives the program's own credential another generation, and everything goes on with it", async () => {
    const { stack } = stage;
    const before = Number(stack.setting("automation.generation") ?? 1);
    const { generation } = await rotateServerCredential(stack.workspace, "server:automation");
    expect(generation).toBe(before + 1);
    // The grace of the identity's old one, which ends some time now, would be a change of its own.
    while ((await stage.alive()) > 1) await stack.up();
    await stack.must(["preview", "--refresh", "--expect-no-changes"]);
  });

  it.each([
    ["server:administrator", /no route by which the administrator's password could be changed/],
    ["server:encryption", /the encryption key is never changed/],
    ["server:postgres", /with target sandbox there is none/],
    ["server:mailbox", /there is no server:mailbox; of the server there are: server:automation, server:postgres/],
  ])("of %s is refused with the reason", async (name, reason) => {
    await expect(rotateServerCredential(stage.stack.workspace, name)).rejects.toThrow(reason);
  });
});

/** Makes the credential in the state two hours older. */
async function age(stack: TestStack): Promise<void> {
  const file = join(stack.backend.folder, "aged.json");
  const { stdout } = await stack.must(["stack", "export"]);
  const old = new Date(Date.now() - 7_200_000).toISOString();
  const state = JSON.parse(stdout) as {
    deployment: { resources: { type: string; outputs?: { createdAt?: string } }[] };
  };
  for (const { type, outputs } of state.deployment.resources) {
    if (type.endsWith("infisical:ClientSecret") && outputs !== undefined) outputs.createdAt = old;
  }
  writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
  await stack.must(["stack", "import", "--file", file]);
}

describe("an environment file", () => {
  const folder = mkdtempSync(join(tmpdir(), "env-file-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("is refused when it is a symbolic link, a folder, or in no folder", () => {
    symlinkSync(join(folder, "elsewhere"), join(folder, ".env"));
    expect(() => requireSecretTarget(join(folder, ".env"))).toThrow(/symbolic link/);
    expect(() => requireSecretTarget(folder)).toThrow(/plain file/);
    expect(() => requireSecretTarget(join(folder, "missing", ".env"))).toThrow(/folder of .+ is not there/);
  });
});

describeOnDocker("the rotation of the databases' passwords", (engine: Docker) => {
  let stack: TestStack;
  const containers = async (): Promise<Map<string, Docker.ContainerInspectInfo>> => {
    const listed = await engine.listContainers({ filters: { label: [`${STACK_LABEL}=${stack.name}`] } });
    const seen = await Promise.all(listed.map(({ Id }) => engine.getContainer(Id).inspect()));
    return new Map(seen.map((one) => [one.Config.Labels[ROLE_LABEL] ?? "", one]));
  };
  const uriOf = (one: Docker.ContainerInspectInfo | undefined, name: string): string =>
    one?.Config.Env.find((line) => line.startsWith(`${name}=`)) ?? "";

  beforeAll(async () => {
    stack = await TestStack.open({ target: "docker", config: { "server.durable": "true" } });
    await stack.up();
  });
  afterAll(() => stack?.dispose());

  it.each([
    ["server:postgres", "postgres", "DB_CONNECTION_URI"],
    ["server:redis", "redis", "REDIS_URL"],
  ])("gives %s another password, restarts the server once, and loses nothing", async (name, role, variable) => {
    const before = await containers();
    expect(await rotateServerCredential(stack.workspace, name)).toEqual({ generation: 2, resumed: false });
    const after = await containers();
    expect(uriOf(after.get("infisical"), variable)).not.toBe(uriOf(before.get("infisical"), variable));
    const changed = [...after].filter(([one, { Id }]) => before.get(one)?.Id !== Id).map(([one]) => one);
    expect(changed.sort()).toEqual(["infisical", role].sort());
    expect(after.get("infisical")?.RestartCount).toBe(0);
    const seen = await readBackWithSdks(stack.workspace);
    expect(seen.filter(({ outcome }) => outcome === "failed")).toEqual([]);
    await stack.must(["preview", "--expect-no-changes"]);
  });

  it("leaves what is durable protected again", async () => {
    const guarded = (await stack.resources()).filter(({ type }) => /docker:index\/(container|volume)/.test(type));
    expect(guarded.filter(({ protect }) => protect !== true)).toEqual([]);
  });
});
