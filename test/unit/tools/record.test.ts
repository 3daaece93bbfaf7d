import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { placesOf } from "../../../tools/setup/places.mjs";
import { type Part, planFor } from "../../../tools/setup/plan.mjs";
import { isRecordGood, readRecord, writeRecord } from "../../../tools/setup/record.mjs";

let root: string;
let home: string;
let env: Record<string, string>;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "record-"));
  home = join(root, "home");
  env = { PATH: join(root, "path") };
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function program(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "");
  chmodSync(path, 0o755);
  return path;
}

function recorded(from: Part["from"]): ReturnType<typeof placesOf> {
  const places = placesOf(root);
  const pulumi = { version: "3.250.0", from: "built", path: program(join(places.bin, "pulumi")) } as const;
  const random = { version: "4.21.2", from, path: program(join(places.standIns, "pulumi-resource-random")) };
  writeRecord({ pulumi, random }, null, places, env);
  return places;
}

function isGood(command: string): boolean {
  const places = placesOf(root);
  return isRecordGood(readRecord(places), planFor(command), places, env, home);
}

describe("the record of what is in use", () => {
  it("spares the next command the search, and gives it the folders for PATH", () => {
    const places = recorded("stand-in");
    expect(isGood("sandbox")).toBe(true);
    const record = readRecord(places);
    expect(record).toMatchObject({ path: [places.bin], standInPath: [places.standIns], standIns: ["random"] });
  });

  it("does not satisfy up while a stand-in is in it, but serves down", () => {
    recorded("stand-in");
    expect(isGood("up")).toBe(false);
    expect(isGood("down")).toBe(true);
  });

  it("gives way when the real plugin has been installed since", () => {
    recorded("stand-in");
    program(join(home, ".pulumi", "plugins", "resource-random-v4.21.2", "pulumi-resource-random"));
    expect(isGood("sandbox")).toBe(false);
  });

  it("gives way when Pulumi has come onto PATH since, or a part has gone", () => {
    recorded("installed");
    expect(isGood("up")).toBe(true);
    const installed = program(join(root, "path", "pulumi"));
    expect(isGood("up")).toBe(false);
    rmSync(installed);
    rmSync(join(placesOf(root).bin, "pulumi"));
    expect(isGood("up")).toBe(false);
  });

  it("is worth nothing when the project has been moved or the file is broken", () => {
    const places = recorded("installed");
    const elsewhere = { ...places, root: "/elsewhere" };
    expect(isRecordGood(readRecord(places), planFor("up"), elsewhere, env, home)).toBe(false);
    writeFileSync(places.record, "{");
    expect(isGood("up")).toBe(false);
  });
});
