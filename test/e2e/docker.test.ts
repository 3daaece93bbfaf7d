import { setTimeout as pause } from "node:timers/promises";
import type Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBackWithSdks } from "../../cli/core/consumers";
import { PROJECT_LABEL, ROLE_LABEL, STACK_LABEL } from "../../infra/labels";
import { describeOnDocker } from "../support/docker";
import { listens } from "../../cli/core/processes";
import { recordNotRun } from "../support/not-run";
import { asAdministrator, secretsIn } from "../support/server-view";
import { TestStack } from "../support/stack";

const ROLES = ["infisical", "postgres", "redis"];

/** Two stacks on one engine, through their whole life; each block goes on where the one before it ended. */
describeOnDocker("a stack on Docker", (engine: Docker) => {
  let stack: TestStack;
  let other: TestStack;
  let outputs: { [name: string]: unknown };

  const containersOf = async (owner: TestStack): Promise<Map<string, Docker.ContainerInspectInfo>> => {
    const filters = { label: [`${STACK_LABEL}=${owner.name}`] };
    const listed = await engine.listContainers({ all: true, filters });
    const inspected = await Promise.all(listed.map(({ Id }) => engine.getContainer(Id).inspect()));
    return new Map(inspected.map((one) => [one.Config.Labels[ROLE_LABEL] ?? "", one]));
  };
  const untilHealthy = async (owner: TestStack): Promise<string[]> => {
    for (let waited = 0; ; waited += 1) {
      const states = [...(await containersOf(owner)).values()].map(({ State }) => State.Health?.Status ?? "none");
      if (states.every((state) => state === "healthy") || waited >= 60) return states;
      await pause(1_000);
    }
  };
  const storedSecrets = (): Promise<{ [name: string]: string }> =>
    asAdministrator(outputs, (view) => {
      const projectId = String(outputs.projectId);
      return secretsIn(view, { projectId, environment: "dev", secretPath: "/openai-rag" });
    });

  beforeAll(async () => {
    stack = await TestStack.open({ target: "docker" });
    other = await TestStack.open({ target: "docker", config: { "server.durable": "true" } });
    await stack.configureSecret("OPENAI_API_KEY", "sk-on-docker");
    await Promise.all([stack.up(), other.up()]);
    outputs = await stack.outputs();
  });
  afterAll(async () => {
    const ended = await Promise.allSettled([stack?.dispose(), other?.dispose()]);
    for (const end of ended) if (end.status === "rejected") throw end.reason;
  });

  describe("after the first up, made while another stack was made", () => {
    it("has three healthy containers with their roles", async () => {
      expect([...(await containersOf(stack)).keys()].sort()).toEqual(ROLES);
      expect(await untilHealthy(stack)).toEqual(["healthy", "healthy", "healthy"]);
    });

    it("publishes the server's port on the loopback address, and nothing else", async () => {
      const published = [...(await containersOf(stack))].flatMap(([role, { NetworkSettings }]) =>
        Object.entries(NetworkSettings.Ports ?? {}).flatMap(([inside, bindings]) =>
          (bindings ?? []).map(({ HostIp, HostPort }) => `${role} ${inside} ${HostIp}:${HostPort}`),
        ),
      );
      expect(published).toEqual([`infisical 8080/tcp 127.0.0.1:${stack.port}`]);
    });

    it("keeps containers in check: no new privileges, no capabilities beyond what they need, memory, logs, restarts", async () => {
      for (const [role, { HostConfig }] of await containersOf(stack)) {
        expect(HostConfig.SecurityOpt, role).toContain("no-new-privileges:true");
        expect(HostConfig.CapDrop, role).toEqual(["ALL"]);
        expect(HostConfig.Memory, role).toBeGreaterThan(0);
        expect(HostConfig.LogConfig?.Config, role).toMatchObject({ "max-size": "10m", "max-file": "3" });
        expect(HostConfig.RestartPolicy?.Name, role).toBe("unless-stopped");
      }
    });

    it("lets both official SDKs read the four secrets, and refuses them elsewhere", async () => {
      const seen = await readBackWithSdks(stack.workspace);
      for (const { consumer, outcome, line } of seen) {
        if (outcome === "not run") recordNotRun(`the ${consumer} against Docker`, line);
        else expect(line).toContain(`${consumer}: 4 secrets read, refused elsewhere`);
      }
      expect(seen.map(({ outcome }) => outcome)).not.toContain("failed");
    });

    it("has nothing to change in a second preview, and sees no drift", async () => {
      await stack.must(["preview", "--expect-no-changes"]);
      await stack.refresh("--expect-no-changes");
      await stack.must(["preview", "--expect-no-changes"]);
    });

    it("shares nothing with the other stack", async () => {
      const [mine, theirs] = [await stack.outputs(), await other.outputs()];
      for (const name of ["projectId", "clientId", "clientSecret", "adminPassword", "url"]) {
        expect(mine[name], name).not.toBe(theirs[name]);
      }
      const volumes = async (owner: TestStack): Promise<string[]> =>
        (await owner.leftovers()).filter((thing) => thing.startsWith("volume"));
      expect(await volumes(stack)).toHaveLength(2);
      expect(await volumes(other)).toHaveLength(2);
    });
  });

  describe("refuses before anything is created", () => {
    const refusal = async (settings: { [key: string]: string }): Promise<string> => {
      const before = await stack.leftovers();
      const saved = Object.fromEntries(Object.keys(settings).map((key) => [key, stack.setting(key)]));
      stack.configure(settings);
      const { code, stdout, stderr } = await stack.run(["up", "--yes", "--skip-preview"]);
      stack.configure(saved as { [key: string]: string | undefined });
      expect(code).not.toBe(0);
      expect(await stack.leftovers()).toEqual(before);
      return stdout + stderr;
    };

    it("a port that another stack's container has, and names it", async () => {
      const text = await refusal({ "server.port": String(other.port) });
      expect(text).toContain(`port ${other.port} is taken by container infisical-${other.name}-infisical-`);
      expect(text).toContain("pulumi config set server.port");
    });

    it("an image that nobody has, and says which and what to do", async () => {
      const text = await refusal({ "image.infisical": "localhost:1/infisical/none:v0" });
      expect(text).toContain("image localhost:1/infisical/none:v0 is not on the Docker host");
      expect(text).toContain("infisical:image.");
    });
  });

  describe("after its server's container was removed by hand", () => {
    beforeAll(async () => {
      const server = (await containersOf(stack)).get("infisical");
      await engine.getContainer(String(server?.Id)).remove({ force: true });
      await stack.bringUp();
    });

    it("serves again, with the same project, credentials and secrets", async () => {
      expect(await stack.outputs()).toEqual(outputs);
      expect(await storedSecrets()).toMatchObject({ OPENAI_API_KEY: "sk-on-docker" });
      expect(await untilHealthy(stack)).toEqual(["healthy", "healthy", "healthy"]);
      await stack.must(["preview", "--expect-no-changes"]);
    });
  });

  describe("that is durable", () => {
    it("refuses to be destroyed, and keeps all that it has", async () => {
      const before = await other.leftovers();
      const { code, stdout, stderr } = await other.run(["destroy", "--yes"]);
      expect(code).not.toBe(0);
      expect(stdout + stderr).toContain("protect");
      expect(await other.leftovers()).toEqual(before);
      expect(await untilHealthy(other)).toEqual(["healthy", "healthy", "healthy"]);
    });

    it("is destroyed once it is no longer durable, and leaves nothing", async () => {
      other.configure({ "server.durable": undefined });
      const { stdout } = await other.up();
      expect(stdout).not.toMatch(/replaced|deleted/);
      await other.must(["destroy", "--yes"]);
      expect(await other.leftovers()).toEqual([]);
    });
  });

  it("leaves no container, volume or network of its label when it is destroyed, and the images stay", async () => {
    await stack.must(["destroy", "--yes"]);
    expect(await stack.leftovers()).toEqual([]);
    expect(await listens(stack.port)).toBe(false);
    expect(await stack.resources()).toEqual([]);
    const left = await engine.listContainers({ all: true, filters: { label: [`${PROJECT_LABEL}=infisical`] } });
    expect(left.filter(({ Labels }) => Labels[STACK_LABEL] === stack.name)).toEqual([]);
    await engine.getImage("postgres:15-alpine").inspect();
  });
});
