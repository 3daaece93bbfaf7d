import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { mergeStackFile, workingStackFile } from "../../../cli/core/stack-file";

const places = vi.hoisted(() => ({ ROOT: "", STACKS_FOLDER: "" }));
vi.mock("../../../cli/core/places", () => places);

const folder = mkdtempSync(join(tmpdir(), "stack-file-"));

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  Object.assign(places, { ROOT: folder, STACKS_FOLDER: join(folder, ".local", "stacks") });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("the working copy of a stack's file", () => {
  const track = (text: string): void => writeFileSync(join(folder, "Pulumi.dev.yaml"), text);
  const config = (): unknown => (parse(readFileSync(workingStackFile("dev"), "utf8")) as { config: unknown }).config;

  it("starts as the tracked file, in a folder of its own that others cannot look into", () => {
    track('config:\n  infisical:target: docker\n  infisical:server.port: "8080"\n');
    expect(config()).toEqual({ "infisical:target": "docker", "infisical:server.port": "8080" });
    expect(statSync(places.STACKS_FOLDER).mode & 0o777).toBe(0o700);
    expect(statSync(workingStackFile("dev")).mode & 0o777).toBe(0o600);
  });

  it("keeps what Pulumi wrote into it, and leaves the tracked file as it is", () => {
    track("config:\n  infisical:target: docker\n");
    const file = workingStackFile("dev");
    writeFileSync(
      file,
      "encryptionsalt: v1:abc\nconfig:\n  infisical:target: docker\n  infisical:KEY:\n    secure: x\n",
    );
    expect(config()).toEqual({ "infisical:target": "docker", "infisical:KEY": { secure: "x" } });
    expect(readFileSync(file, "utf8")).toContain("encryptionsalt: v1:abc");
    expect(readFileSync(join(folder, "Pulumi.dev.yaml"), "utf8")).toBe("config:\n  infisical:target: docker\n");
  });

  it("takes over later changes of the tracked file, and only those", () => {
    track('config:\n  infisical:a: "1"\n  infisical:b: "1"\n');
    writeFileSync(workingStackFile("dev"), 'config:\n  infisical:a: "by hand"\n  infisical:b: "1"\n');
    track('config:\n  infisical:a: "1"\n  infisical:b: "2"\n  infisical:c: "3"\n');
    expect(config()).toEqual({ "infisical:a": "by hand", "infisical:b": "2", "infisical:c": "3" });
    track('config:\n  infisical:a: "1"\n');
    expect(config()).toEqual({ "infisical:a": "by hand" });
  });

  it("starts anew when somebody deleted it, as `pulumi stack rm` does", () => {
    track("config:\n  infisical:target: sandbox\n");
    rmSync(workingStackFile("dev"));
    expect(config()).toEqual({ "infisical:target": "sandbox" });
  });

  it("is not made for a stack that has no tracked file", () => {
    expect(existsSync(workingStackFile("other"))).toBe(false);
  });
});

describe("mergeStackFile", () => {
  it("knows a change of a nested value, and one that is none", () => {
    const nested = (value: number) => ({ config: { "infisical:server": { port: value } } });
    expect(mergeStackFile(nested(2), nested(1), nested(1)).config).toEqual({ "infisical:server": { port: 2 } });
    expect(mergeStackFile(nested(1), nested(1), { config: {} }).config).toEqual({});
  });

  it("starts from nothing at all", () => {
    expect(mergeStackFile({}, {}, {})).toEqual({ config: {} });
  });
});
