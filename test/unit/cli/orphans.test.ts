import { beforeEach, describe, expect, it } from "vitest";
import { isOfLivingRun, orphanedOnDocker } from "../../../cli/core/orphans";
import type { StackResource } from "../../../cli/core/state";
import { serve, type TestServer } from "../../support/http-server";

const LABELS = { "infisical-pulumi.project": "infisical", "infisical-pulumi.stack": "dev" };

let engine: TestServer;
/** Of the container that was left, from one look to the next. */
let health: string[];

/** A Docker engine's own answers, as far as they are asked for here. */
beforeEach(async () => {
  health = [];
  engine = await serve(({ method, path }) => {
    if (method === "DELETE" || path.endsWith("/stop")) return { status: 204, text: "" };
    if (path.endsWith("/left/json")) return { json: { State: { Running: true, Health: { Status: health.shift() } } } };
    if (path.endsWith("/containers/json")) return { json: CONTAINERS };
    if (path.endsWith("/networks"))
      return { json: [{ Id: "net-1", Name: "infisical-dev-network-abc123", Labels: LABELS }] };
    return { json: { Volumes: VOLUMES } };
  });
});

const CONTAINERS = [
  { Id: "known", Names: ["/infisical-dev-redis-abc123"], Labels: LABELS },
  { Id: "left", Names: ["/infisical-dev-postgres-abc123"], Labels: LABELS },
  { Id: "other-clone", Names: ["/infisical-dev-postgres-zzz999"], Labels: LABELS },
];

const VOLUMES = ["postgres-data-abc123", "redis-data-abc123", "postgres-data-zzz999"].map((name) => ({
  Name: `infisical-dev-${name}`,
  Labels: { ...LABELS, "infisical-pulumi.role": name.slice(0, -7) },
}));

const RESOURCES = [
  {
    type: "random:index/randomString:RandomString",
    urn: "urn:pulumi:dev::infisical::x::server-suffix",
    id: "abc123",
  },
  { type: "docker:index/container:Container", urn: "urn:pulumi:dev::infisical::x::server-redis", id: "known" },
] as StackResource[];

const CREATING_REDIS_VOLUME =
  "creating urn:pulumi:dev::infisical::infisical:index:InfisicalServer$docker:index/volume:Volume::server-redis-data";

async function look(pending: string[] = [], resources = RESOURCES) {
  const found = await orphanedOnDocker("dev", { resources, pending }, engine.url);
  return Object.fromEntries(found.map((orphan) => [orphan.what, orphan]));
}

describe("a plugin", () => {
  const process = (pid: number, parent: number, command: string) => ({ pid, parent, command, folder: undefined });
  const host = (parent: number) => process(20, parent, "/x/pulumi-language-nodejs 127.0.0.1:4000");
  const program = process(30, 20, "node /x/cmd/run --monitor 127.0.0.1:4001 --engine 127.0.0.1:4000");

  it.each(["pulumi up --yes", "/opt/tools/pulumi preview", "pulumi"])("is of a living run below %s", (command) => {
    const all = [process(1, 0, "init"), process(10, 1, command), host(10), program];
    expect(isOfLivingRun(program, all)).toBe(true);
  });

  it.each(["init", "node cli/main.ts pulumi up", "/bin/pulumi-watch x"])(
    "is left by a dead one below %s",
    (command) => {
      expect(isOfLivingRun(program, [process(1, 0, command), host(1), program])).toBe(false);
      expect(isOfLivingRun(program, [host(10), program])).toBe(false);
    },
  );
});

describe("what a killed run left on Docker", () => {
  it("is what bears the stack's labels and is not in its state", async () => {
    expect(Object.keys(await look())).not.toContain("container infisical-dev-redis-abc123");
    expect((await look())["container infisical-dev-postgres-abc123"]).toMatchObject({ ours: true, data: false });
    expect((await look())["network infisical-dev-network-abc123"]).toMatchObject({ ours: true, data: false });
  });

  it("is not what another clone made under the same stack name", async () => {
    expect((await look())["container infisical-dev-postgres-zzz999"]).toMatchObject({ ours: false });
    expect((await look([], []))["container infisical-dev-postgres-abc123"]).toMatchObject({ ours: false });
  });

  it("may hold data when it is a volume, unless the dead run was just making it", async () => {
    const seen = await look([CREATING_REDIS_VOLUME]);
    expect(seen["volume infisical-dev-postgres-data-abc123"]).toMatchObject({ ours: true, data: true });
    expect(seen["volume infisical-dev-redis-data-abc123"]).toMatchObject({ ours: true, data: false });
    expect(seen["volume infisical-dev-postgres-data-zzz999"]).toMatchObject({ ours: false, data: true });
  });

  it("ends its first start before it is stopped: a Postgres that is killed in it leaves half a database", async () => {
    health = ["starting", "starting", "healthy"];
    await (await look())["container infisical-dev-postgres-abc123"]?.settle?.();
    const calls = engine.received.map(({ path }) => path).filter((path) => path.includes("/containers/left/"));
    expect(calls.map((path) => path.replace(/.*\/left\//, ""))).toEqual(["json", "json", "json", "stop"]);
  });

  it("goes with its anonymous volumes, and by force", async () => {
    await (await look())["container infisical-dev-postgres-abc123"]?.remove();
    const [removal] = engine.received.filter(({ method }) => method === "DELETE");
    expect(removal?.path).toMatch(/\/containers\/left$/);
    expect(removal?.query.get("force")).toBe("true");
    expect(removal?.query.get("v")).toBe("true");
  });
});
