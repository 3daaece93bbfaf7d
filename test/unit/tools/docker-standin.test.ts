import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration } from "../../../tools/standins/docker/duration";
import { UNKNOWN, type Values } from "../../../tools/standins/docker/property";
import { DockerProvider } from "../../../tools/standins/docker/provider";
import { oneFileTar } from "../../../tools/standins/docker/tar";
import { decode, encode } from "../../../tools/standins/docker/wire";

const urn = (type: string, name: string) => `urn:pulumi:dev::infisical::${type}::${name}`;
const CONTAINER = urn("infisical:index:InfisicalServer$docker:index/container:Container", "redis");
const NETWORK = urn("docker:index/network:Network", "net");
const VOLUME = urn("docker:index/volume:Volume", "data");
const SEED = new Uint8Array([1, 2, 3]);

const provider = new DockerProvider();
const reasons = (inputs: Values, of = CONTAINER) =>
  provider.check(of, {}, inputs, SEED).failures.map(({ reason }) => reason);
const checked = (inputs: Values, of = CONTAINER) => provider.check(of, {}, inputs, SEED).inputs;

/** What a change of inputs does to a container whose state holds `before` and the lists that a read fills in. */
function change(before: Values, after: Values) {
  const base = { name: "c", image: "redis:7-alpine" };
  const olds = {
    command: ["redis-server"],
    entrypoints: ["sh"],
    networkDatas: [{}],
    ...checked({ ...base, ...before }),
  };
  const { changes, deleteBeforeReplace } = provider.diff(CONTAINER, olds, checked({ ...base, ...after }), olds);
  return {
    paths: changes.map(({ path, kind, replace }) => `${kind} ${path}${replace ? " (replace)" : ""}`),
    deleteBeforeReplace,
  };
}

describe("the docker stand-in refuses", () => {
  it("an input that it does not implement, at any depth, and says how to go on", () => {
    const found = reasons({ image: "i", privileged: true, healthcheck: { tests: ["CMD"], colour: "green" } });
    expect(found).toHaveLength(2);
    expect(found[0]).toMatch(
      /does not implement "privileged".*real plugin.*tools\/standins\/docker.*'redis\.privileged'/s,
    );
    expect(found[1]).toContain('does not implement "healthcheck.colour"');
    expect(reasons({ ingress: true }, NETWORK)[0]).toContain('does not implement "ingress"');
    expect(reasons({ cluster: { scope: "single" } }, VOLUME)[0]).toContain('does not implement "cluster"');
  });

  it("types and functions that it does not implement", () => {
    expect(() => checked({}, urn("docker:index/service:Service", "s"))).toThrow(
      /does not implement docker:index\/service/,
    );
  });

  it("a provider configuration that it does not implement", () => {
    expect(
      provider.checkConfig({ host: "ssh://me@there", version: "5.2.0", disableDockerDaemonCheck: "true" }),
    ).toEqual([]);
    expect(provider.checkConfig({ certPath: "/x" })[0]?.reason).toContain('does not implement "certPath"');
  });

  it("wrong types, missing arguments and values out of range, as the real one does", () => {
    expect(reasons({ image: "i", memory: "much" })).toEqual([expect.stringContaining("expected a whole number")]);
    expect(reasons({})).toEqual([expect.stringContaining('The argument "image" is required')]);
    expect(reasons({ image: "i", ports: [{ external: 80 }] })).toEqual([expect.stringContaining("ports[0].internal")]);
    expect(reasons({ image: "i", restart: "sometimes" })).toEqual([
      expect.stringContaining("'sometimes' doesn't match"),
    ]);
    expect(reasons({ image: "i", healthcheck: { interval: "5x" } })).toEqual([
      expect.stringContaining("not a valid duration"),
    ]);
    expect(reasons({ image: "i", uploads: [{ file: "/x", content: "a", permissions: "600" }] })).toHaveLength(1);
  });

  it("nothing of what a program may not know yet", () => {
    expect(reasons({ image: UNKNOWN, ports: [{ internal: UNKNOWN }], envs: UNKNOWN })).toEqual([]);
  });
});

describe("the docker stand-in fills in", () => {
  it("the defaults that the real one writes into the inputs, and no zero values", () => {
    expect(checked({ name: "c", image: "i", ports: [{ internal: 80 }] })).toEqual({
      name: "c",
      image: "i",
      ports: [{ internal: 80, ip: "0.0.0.0", protocol: "tcp" }],
      containerReadRefreshTimeoutMilliseconds: 15000,
      mustRun: true,
      networkMode: "bridge",
      removeVolumes: true,
      restart: "no",
      start: true,
      waitTimeout: 60,
    });
  });

  it("a name, and keeps it", () => {
    const { inputs } = provider.check(NETWORK, {}, {}, SEED);
    expect(inputs.name).toMatch(/^net-[0-9a-f]{7}$/);
    expect(provider.check(NETWORK, { name: "net-kept" }, {}, new Uint8Array([9])).inputs.name).toBe("net-kept");
  });
});

describe("a change of a container", () => {
  it.each([
    { restart: "always" },
    { memory: 64 },
    { memorySwap: -1 },
    { healthcheck: { tests: ["CMD", "x"] } },
    { tmpfs: { "/x": "size=1m" } },
    { init: true },
    { wait: true },
    { destroyGraceSeconds: 5 },
  ])("is called an update, whether or not it reaches the container: %j", (more) => {
    const { paths, deleteBeforeReplace } = change({}, more);
    expect(paths).not.toEqual([]);
    expect(paths.join()).not.toContain("replace");
    expect(deleteBeforeReplace).toBe(false);
  });

  it.each([
    { envs: ["A=1"] },
    { labels: [{ label: "a", value: "b" }] },
    { capabilities: { drops: ["ALL"] } },
    { ports: [{ internal: 80, external: 8080 }] },
    { command: ["redis-server", "--port", "1"] },
    { readOnly: true },
    { uploads: [{ file: "/x", content: "y" }] },
    { user: "70" },
    { networksAdvanced: [{ name: "n" }] },
  ])("replaces, and deletes first: %j", (more) => {
    const { paths, deleteBeforeReplace } = change({}, more);
    expect(paths.join()).toContain("(replace)");
    expect(deleteBeforeReplace).toBe(true);
  });

  it("is none for another order of a set, nor for an unset value that the engine decides", () => {
    const [a, b] = [
      { label: "a", value: "1" },
      { label: "b", value: "2" },
    ];
    expect(change({ labels: [a, b] }, { labels: [b, a] }).paths).toEqual([]);
    expect(change({ envs: ["A=1", "B=2"] }, { envs: ["B=2", "A=1"] }).paths).toEqual([]);
    expect(change({ hostname: "given", stopTimeout: 5, user: "70" }, {}).paths).toEqual([]);
    expect(change({ ports: [{ internal: 80, external: 32768 }] }, { ports: [{ internal: 80 }] }).paths).toEqual([]);
  });

  it("names the changed members, not the whole property", () => {
    const healthcheck = { tests: ["CMD", "a", "b"], interval: "5s" };
    expect(change({ healthcheck }, { healthcheck: { tests: ["CMD", "x"], interval: "5s" } }).paths).toEqual([
      "update healthcheck.tests[1]",
      "delete healthcheck.tests[2]",
    ]);
    expect(change({}, { tmpfs: { "/x": "size=1m" } }).paths).toEqual(["add tmpfs"]);
  });

  it("is an update for a memorySwap that only the engine set, as memory alone makes it", () => {
    expect(change({ memory: 64, memorySwap: 128 }, { memory: 64 }).paths).toEqual(["delete memorySwap"]);
  });

  it("replaces a container whose create never came to read it back", () => {
    const before = checked({ name: "c", image: "i" });
    const { changes } = provider.diff(CONTAINER, before, before, before);
    expect(changes.map(({ path, replace }) => [path, replace])).toEqual([
      ["command", true],
      ["entrypoints", true],
      ["networkDatas", false],
    ]);
  });

  it("counts as one when the new value is not known yet", () => {
    expect(change({ envs: ["A=1"] }, { envs: UNKNOWN }).paths).toEqual(["update envs (replace)"]);
  });
});

describe("a change of a network or a volume", () => {
  it("replaces, and deletes first only when the explicit name stays", () => {
    const olds = { name: "n", driver: "bridge", internal: false, ipamDriver: "default" };
    const same = provider.diff(NETWORK, olds, { ...olds, internal: true }, olds);
    expect(same.changes.map(({ path, replace }) => [path, replace])).toEqual([["internal", true]]);
    expect(same.deleteBeforeReplace).toBe(true);
    expect(provider.diff(NETWORK, olds, { ...olds, name: "other" }, olds).deleteBeforeReplace).toBe(false);
    expect(provider.diff(VOLUME, { name: "v", driver: "local" }, { name: "v" }, { name: "v" }).changes).toEqual([]);
  });
});

describe("a preview of a create", () => {
  it("leaves open what only the engine knows", async () => {
    const { outputs } = await provider.create(CONTAINER, checked({ name: "c", image: "i", hostname: "h" }), true);
    expect(outputs).toMatchObject({ name: "c", hostname: "h", networkDatas: UNKNOWN, entrypoints: UNKNOWN });
  });
});

describe("durations", () => {
  it("are read in Go's notation and written as Docker gives them back", () => {
    const back = (text: string) => formatDuration(parseDuration(text) ?? Number.NaN);
    expect(["5s", "1m", "90s", "1h", "500ms", "0s", "1m30.5s"].map(back)).toEqual([
      "5s",
      "1m0s",
      "1m30s",
      "1h0m0s",
      "500ms",
      "0s",
      "1m30.5s",
    ]);
    expect(["5x", "", "s", "5 s", "1m-2s"].map(parseDuration)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("an upload's archive", () => {
  it("is one file with its mode, a sum over the header and whole blocks", () => {
    const archive = oneFileTar("etc/x.conf", Buffer.from("hello"), 0o600);
    expect(archive.length % 512).toBe(0);
    expect(archive.toString("latin1", 0, 10)).toBe("etc/x.conf");
    expect(archive.toString("latin1", 100, 107)).toBe("0000600");
    expect(archive.toString("utf8", 512, 517)).toBe("hello");
    const blank = Buffer.from(archive.subarray(0, 512)).fill(" ", 148, 156);
    expect(Number.parseInt(archive.toString("latin1", 148, 154), 8)).toBe(blank.reduce((sum, byte) => sum + byte, 0));
    expect(() => oneFileTar("x".repeat(101), Buffer.alloc(0), 0o600)).toThrow(/longer than 100 bytes/);
  });
});

describe("the wire", () => {
  it("carries unknown values both ways and takes secrets off", () => {
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: ["A=1"] };
    const values: Values = { envs: secret, image: UNKNOWN, list: [1, true, null], nested: { deep: "x" } };
    expect(decode(encode(values))).toEqual({ ...values, envs: ["A=1"] });
  });
});
