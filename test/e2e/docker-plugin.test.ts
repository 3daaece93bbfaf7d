import { createServer } from "node:net";
import type Docker from "dockerode";
import type { ContainerInspectInfo } from "dockerode";
import { describe, expect, it } from "vitest";
import { describeOnDocker } from "../support/docker";
import { DockerLab, type Spec } from "../support/docker-lab";
import { freePort } from "../support/free-port";

// What the real docker plugin 5.2.0 was seen to do, and the stand-in must do, too: its lies are the reason for several
// lines of this project's program. Run with DOCKER_PLUGIN_FOLDER these tests pass against the real plugin as well.

const REDIS = "redis:7-alpine";
const healthy = { tests: ["CMD", "redis-cli", "ping"], interval: "1s", timeout: "3s", retries: 30 };
const failing = { tests: ["CMD", "false"], interval: "1s", timeout: "3s", retries: 1 };

/** A Redis named after its lab; `more` adds to it. */
function redis(more: object = {}, options: object = {}): Spec {
  return { container: { name: "{id}-c", image: REDIS, ...more }, options };
}

function soundLife(engine: Docker): void {
  it("brings up a network, a volume and a Postgres that it waits for, sees no change after, and leaves nothing", async ({
    onTestFinished,
  }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    await lab.mustUp({
      network: { name: "{id}-n" },
      volume: { name: "{id}-v" },
      image: { name: "postgres:15-alpine", keepLocally: true },
      container: {
        name: "{id}-c",
        image: "postgres:15-alpine",
        envs: ["SECRET_X=hush-hush", "POSTGRES_PASSWORD=pw"],
        volumes: [{ volumeName: "{id}-v", containerPath: "/var/lib/postgresql/data" }],
        networksAdvanced: [{ name: "{id}-n", aliases: ["postgres"] }],
        healthcheck: { tests: ["CMD", "pg_isready", "-h", "127.0.0.1"], interval: "1s", timeout: "3s", retries: 30 },
        wait: true,
        waitTimeout: 60,
        destroyGraceSeconds: 10,
      },
    });
    expect((await lab.container()).State.Health?.Status).toBe("healthy");
    expect(Object.keys((await lab.container()).NetworkSettings.Networks)).toEqual([lab.nameOf("n")]);
    expect((await lab.containerOutputs()).networkDatas).toMatchObject([{ networkName: lab.nameOf("n") }]);
    expect(await lab.plan()).toEqual({});
    await lab.refresh();
    expect(await lab.plan()).toEqual({});
    expect(await lab.state()).not.toContain("hush-hush");
    expect(await lab.things()).toHaveLength(3);
    expect((await lab.destroy()).code).toBe(0);
    expect(await lab.things()).toEqual([]);
  });

  it("finds a hardened container unchanged after a refresh", async ({ onTestFinished }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    const port = await freePort();
    const hardened = redis({
      capabilities: { adds: ["CAP_SETUID", "CAP_SETGID", "CAP_CHOWN"], drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true"],
      memory: 64,
      memorySwap: 64,
      shmSize: 16,
      init: true,
      readOnly: true,
      tmpfs: { "/tmp": "size=4m" },
      ulimits: [{ name: "nofile", soft: 1024, hard: 2048 }],
      logDriver: "json-file",
      logOpts: { "max-size": "1m", "max-file": "2" },
      stopTimeout: 5,
      restart: "unless-stopped",
      ports: [{ internal: 6379, external: port, ip: "127.0.0.1" }],
      healthcheck: healthy,
      wait: true,
    });
    await lab.mustUp(hardened);
    await lab.refresh();
    expect(await lab.plan()).toEqual({});
    const { HostConfig } = await lab.container();
    expect(HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      Memory: 64 * 2 ** 20,
      SecurityOpt: ["no-new-privileges:true"],
    });
    expect(HostConfig.PortBindings["6379/tcp"]).toEqual([{ HostIp: "127.0.0.1", HostPort: String(port) }]);
  });
}

function changes(engine: Docker): void {
  it("changes restart policy and memory in place, and replaces for anything else", async ({ onTestFinished }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    await lab.mustUp(redis({ memory: 64, memorySwap: 128 }));
    const first = (await lab.container()).Id;
    await lab.mustUp(redis({ memory: 96, memorySwap: 128, restart: "always" }));
    const updated = await lab.container();
    expect(updated.Id).toBe(first);
    expect(updated.HostConfig).toMatchObject({ Memory: 96 * 2 ** 20, RestartPolicy: { Name: "always" } });
    const renewed = redis({ memory: 96, memorySwap: 128, restart: "always", envs: ["A=1"] });
    expect(await lab.plan(renewed)).toEqual({ container: { operation: "replace", changed: ["envs"] } });
    await lab.mustUp(renewed);
    expect((await lab.container()).Id).not.toBe(first);
  });

  it("takes labels for a set: their order is no change", async ({ onTestFinished }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    const [own] = Object.entries(lab.labels);
    const labels = [own ?? ["", ""], ["b", "2"], ["a", "1"]].map(([label, value]) => ({ label, value }));
    await lab.mustUp(redis({ labels }));
    expect(await lab.plan(redis({ labels: [...labels].reverse() }))).toEqual({});
  });
}

function whatItTakesAndLeaves(engine: Docker): void {
  it("uploads a file with its mode before the start, but never into a read-only container", async ({
    onTestFinished,
  }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    const uploads = [{ file: "/usr/local/etc/r.conf", content: "maxmemory-policy noeviction\n", permissions: "0644" }];
    await lab.mustUp(
      redis({ uploads, command: ["redis-server", "/usr/local/etc/r.conf"], healthcheck: healthy, wait: true }),
    );
    const policy = ["redis-cli", "config", "get", "maxmemory-policy"];
    expect(await output(engine, lab.nameOf("c"), policy)).toContain("noeviction");
    const refused = await lab.up(redis({ uploads, readOnly: true }));
    expect(refused.code).not.toBe(0);
    expect(refused.text).toContain("container rootfs is marked read-only");
  });

  it("removes anonymous volumes with the container unless told to keep them", async ({ onTestFinished }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    await lab.mustUp(redis());
    const gone = anonymousVolume(await lab.container());
    await lab.mustUp(redis({ removeVolumes: false, envs: ["A=1"] }));
    await expect(engine.getVolume(gone).inspect()).rejects.toMatchObject({ statusCode: 404 });
    const kept = anonymousVolume(await lab.container());
    await lab.destroy();
    await engine.getVolume(kept).remove();
  });
}

function createsThatFail(engine: Docker): void {
  it("leaves a container whose wait failed running, and replaces it on the next up", async ({ onTestFinished }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    const spec = redis({ healthcheck: failing, wait: true, waitTimeout: 3 });
    const failed = await lab.up(spec);
    expect(failed.code).not.toBe(0);
    expect(failed.text).toContain("container failed to be in healthy state");
    expect((await lab.container()).State.Running).toBe(true);
    const { operation, changed } = (await lab.plan()).container ?? {};
    expect(operation).toBe("replace");
    expect(changed).toEqual(["command", "entrypoints", "networkDatas"]);
  });

  it("takes an unhealthy container for sound once a refresh came in between", async ({ onTestFinished }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    expect((await lab.up(redis({ healthcheck: failing, wait: true, waitTimeout: 3 }))).code).not.toBe(0);
    await lab.refresh();
    expect(await lab.plan()).toEqual({});
    expect((await lab.container()).State.Health?.Status).toBe("unhealthy");
  });

  it("refuses to wait for a container without a health check, and leaves it running", async ({ onTestFinished }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    const { code, text } = await lab.up(redis({ wait: true }));
    expect(code).not.toBe(0);
    expect(text).toContain("does not have a healthcheck defined");
    expect((await lab.container()).State.Running).toBe(true);
  });

  it("leaves a container in Created when its port is taken, and replaces it on the next up", async ({
    onTestFinished,
  }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    const taken = await freePort();
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(taken, "127.0.0.1", resolve));
    const { code, text } = await lab.up(redis({ ports: [{ internal: 6379, external: taken, ip: "127.0.0.1" }] }));
    await new Promise((resolve) => holder.close(resolve));
    expect(code).not.toBe(0);
    expect(text).toMatch(/address already in use|port is already allocated/);
    const left = await lab.container();
    expect(left.State.Status).toBe("created");
    await lab.mustUp(redis({ ports: [{ internal: 6379, external: await freePort(), ip: "127.0.0.1" }] }));
    expect((await lab.container()).Id).not.toBe(left.Id);
    expect((await lab.container()).State.Running).toBe(true);
  });
}

function updatesThatDoNothing(engine: Docker): void {
  it("calls an edited health check updated and leaves the old one, unless it is told to replace", async ({
    onTestFinished,
  }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    await lab.mustUp(redis({ healthcheck: healthy }));
    const before = await lab.container();
    const edited = { healthcheck: { ...healthy, tests: ["CMD", "redis-cli", "info"] } };
    expect((await lab.plan(redis(edited))).container?.operation).toBe("update");
    await lab.mustUp(redis(edited));
    const after = await lab.container();
    expect(after.Id).toBe(before.Id);
    expect(after.Config.Healthcheck?.Test).toEqual(healthy.tests);
    expect(await lab.plan()).toEqual({});
    const again = { healthcheck: { ...healthy, tests: ["CMD", "true"] } };
    const told = redis(again, { replaceOnChanges: ["healthcheck"] });
    expect((await lab.plan(told)).container?.operation).toBe("replace");
  });

  it("calls tmpfs and init updated and leaves the container as it was", async ({ onTestFinished }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    await lab.mustUp(redis());
    await lab.mustUp(redis({ tmpfs: { "/x": "size=1m" }, init: true }));
    expect(await lab.plan()).toEqual({});
    const { HostConfig } = await lab.container();
    expect(HostConfig.Init).toBe(false);
    expect(HostConfig.Tmpfs ?? {}).toEqual({});
    await lab.refresh();
    expect((await lab.plan()).container).toEqual({ operation: "update", changed: ["init", "tmpfs"] });
  });

  it("replaces for ever after a refresh when capabilities lack their prefix", async ({ onTestFinished }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    await lab.mustUp(redis({ capabilities: { adds: ["SETGID", "SETUID", "CHOWN"], drops: ["ALL"] } }));
    expect(await lab.plan()).toEqual({});
    await lab.refresh();
    expect((await lab.plan()).container).toEqual({ operation: "replace", changed: ["capabilities"] });
  });

  it("wants an update in every preview when memory is set without memorySwap", async ({ onTestFinished }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    await lab.mustUp(redis({ memory: 64 }));
    expect((await lab.plan()).container).toEqual({ operation: "update", changed: ["memorySwap"] });
  });

  it("wants an update in every preview when a duration is not spelt as Docker spells it", async ({
    onTestFinished,
  }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    await lab.mustUp(redis({ healthcheck: { ...healthy, startPeriod: "1m" } }));
    expect((await lab.plan()).container).toEqual({ operation: "update", changed: ["healthcheck"] });
  });
}

function whatOthersDo(engine: Docker): void {
  it("does not see a container removed by hand until a refresh", async ({ onTestFinished }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    await lab.mustUp(redis());
    await engine.getContainer(lab.nameOf("c")).remove({ force: true, v: true });
    expect(await lab.plan()).toEqual({});
    await lab.refresh();
    expect((await lab.plan()).container?.operation).toBe("create");
  });

  it("replaces a container stopped by hand when it publishes a port", async ({ onTestFinished }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    await lab.mustUp(redis({ ports: [{ internal: 6379, external: await freePort(), ip: "127.0.0.1" }] }));
    await engine.getContainer(lab.nameOf("c")).stop({ t: 5 });
    await lab.refresh();
    expect((await lab.containerOutputs()).mustRun).toBe(false);
    expect((await lab.plan()).container).toEqual({ operation: "replace", changed: ["mustRun", "ports"] });
  });

  it("starts a container stopped by hand in place when it publishes none", async ({ onTestFinished }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    const spec = redis();
    await lab.mustUp(spec);
    const { Id } = await lab.container();
    await engine.getContainer(Id).stop({ t: 5 });
    await lab.refresh();
    expect((await lab.plan()).container).toEqual({ operation: "update", changed: ["mustRun"] });
    await lab.mustUp(spec);
    expect((await lab.container()).Id).toBe(Id);
    expect((await lab.container()).State.Running).toBe(true);
  });
}

function namesAndHolders(engine: Docker): void {
  it("shares an existing volume of the same name in silence", async ({ onTestFinished }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    await engine.createVolume({ Name: lab.nameOf("v"), Labels: { ...lab.labels, owner: "somebody else" } });
    await lab.mustUp({ volume: { name: "{id}-v" } });
    expect(await lab.plan()).toEqual({});
    await lab.destroy();
    expect(await lab.things()).toEqual([]);
  });

  it("refuses a network and a container whose names are taken", async ({ onTestFinished }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    await engine.createNetwork({ Name: lab.nameOf("n"), Labels: lab.labels });
    await engine.createContainer({ name: lab.nameOf("c"), Image: REDIS, Labels: lab.labels });
    const network = await lab.up({ network: { name: "{id}-n" } });
    expect(network.code).not.toBe(0);
    expect(network.text).toContain(`network with name ${lab.nameOf("n")} already exists`);
    const { code, text } = await lab.up(redis());
    expect(code).not.toBe(0);
    expect(text).toContain(`Conflict. The container name "/${lab.nameOf("c")}" is already in use by container`);
  });

  it("gives up after 30 seconds on a volume that somebody holds", async ({ onTestFinished }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    await lab.mustUp({ volume: { name: "{id}-v" } });
    const HostConfig = { Binds: [`${lab.nameOf("v")}:/held`] };
    await engine.createContainer({ name: lab.nameOf("h"), Image: REDIS, Labels: lab.labels, HostConfig });
    const { code, text } = await lab.destroy();
    expect(code).not.toBe(0);
    expect(text).toContain("timeout while waiting for state to become 'removed' (last state: 'in_use', timeout: 30s)");
  });

  it("cannot remove an image in use unless it is kept locally", async ({ onTestFinished }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    const name = `${lab.id}:1`;
    const origin = await engine.createContainer({ name: lab.nameOf("o"), Image: REDIS, Labels: lab.labels });
    await origin.commit({ repo: lab.id, tag: "1" });
    await lab.mustUp({ image: { name } });
    await engine.createContainer({ name: lab.nameOf("h"), Image: name, Labels: lab.labels });
    const { code, text } = await lab.destroy();
    expect(code).not.toBe(0);
    expect(text).toContain("unable to remove repository reference");
    await lab.mustUp({ image: { name, keepLocally: true } });
    expect((await lab.destroy()).code).toBe(0);
  });
}

function whatItRefuses(engine: Docker): void {
  it("refuses values that the real one refuses, and creates nothing", async ({ onTestFinished }) => {
    const lab = await DockerLab.open(engine, onTestFinished);
    for (const wrong of [{ restart: "sometimes" }, { healthcheck: { ...healthy, interval: "5x" } }]) {
      const { code, text } = await lab.up(redis(wrong));
      expect(code).not.toBe(0);
      expect(text).toMatch(/resource 'container' has a problem: .*(sometimes|5x)/);
    }
    expect(await lab.things()).toEqual([]);
  });

  // The real one drops it without a word, which is the very thing that a stand-in must not hide.
  it.skipIf(process.env.DOCKER_PLUGIN_FOLDER)(
    "as a stand-in: refuses what it does not implement",
    async ({ onTestFinished }) => {
      const lab = await DockerLab.open(engine, onTestFinished);
      const { code, text } = await lab.up(redis({ healthcheck: { ...healthy, colour: "green" }, privileged: true }));
      expect(code).not.toBe(0);
      expect(text).toContain('does not implement "healthcheck.colour"');
      expect(text).toContain('does not implement "privileged"');
      expect(await lab.things()).toEqual([]);
    },
  );
}

describe.concurrent("the docker plugin", () => {
  describeOnDocker("a sound life", soundLife);
  describeOnDocker("changes", changes);
  describeOnDocker("what it takes and leaves", whatItTakesAndLeaves);
  describeOnDocker("a create that fails half way", createsThatFail);
  describeOnDocker("updates that change nothing", updatesThatDoNothing);
  describeOnDocker("what others do to its containers", whatOthersDo);
  describeOnDocker("names that are taken and things that are held", namesAndHolders);
  describeOnDocker("what it refuses", whatItRefuses);
});

/** What a command prints inside a container. */
async function output(engine: Docker, container: string, command: string[]): Promise<string> {
  const run = await engine.getContainer(container).exec({ Cmd: command, AttachStdout: true });
  const stream = await run.start({});
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

function anonymousVolume(container: ContainerInspectInfo): string {
  const mount = container.Mounts.find(({ Type }) => Type === "volume");
  if (!mount?.Name) throw new Error("the container has no volume");
  return mount.Name;
}
