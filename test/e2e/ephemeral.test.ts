import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readInstances, writeInstance, environmentFileOf, folderOf } from "../../cli/ephemeral/instance";
import { reap, removeInstance } from "../../cli/ephemeral/reap";
import { startInstance, type Started } from "../../cli/ephemeral/start";
import { listens } from "../../cli/core/processes";

/** More show nothing else and take minutes on a small machine: EPHEMERAL_INSTANCES=8 for a larger trial. */
const COUNT = Number(process.env.EPHEMERAL_INSTANCES ?? 2);

const wish = {
  target: "sandbox" as const,
  blueprint: undefined,
  config: {},
  values: { OPENAI_API_KEY: "sk-of-this-one" },
};
const minutes = (number: number): number => number * 60_000;
const portOf = ({ url }: Started): number => Number(new URL(url).port);

describe("ephemeral instances", () => {
  let started: Started[];

  beforeAll(async () => {
    started = await Promise.all(
      Array.from({ length: COUNT }, (_, index) => startInstance({ ...wish, lifetime: minutes(10 + index * 10) })),
    );
  });
  afterAll(async () => {
    const names = started.map(({ name }) => name);
    for (const instance of readInstances().filter(({ name }) => names.includes(name))) await removeInstance(instance);
  });

  it("run at once under names, ports and credentials of their own", async () => {
    expect(new Set(started.map(({ name }) => name)).size).toBe(COUNT);
    for (const one of started) expect(await listens(portOf(one))).toBe(true);
    for (const { environmentFile } of started) expect(statSync(environmentFile).mode & 0o777).toBe(0o600);
  });

  it("are taken by the reaper one by one, when their time is over, with all that they had", async () => {
    const [first, second] = started;
    const names = started.map(({ name }) => name);
    await reap({ names, now: new Date(Date.now() + minutes(15)) });
    expect(first && (await listens(portOf(first)))).toBe(false);
    expect(first && existsSync(folderOf(first.name))).toBe(false);
    expect(second && (await listens(portOf(second)))).toBe(true);
    await reap({ names, now: new Date(Date.now() + minutes(10 * COUNT + 15)) });
    expect(second && (await listens(portOf(second)))).toBe(false);
    expect(readInstances().filter(({ name }) => started.some((one) => one.name === name))).toEqual([]);
  });

  it("that were noted and never came up are taken, too", async () => {
    const name = "eph-00000000";
    writeInstance({ name, target: "sandbox", port: 1, expires: new Date(0).toISOString() });
    writeFileSync(environmentFileOf(name), "{}");
    await reap({ names: [name] });
    expect(existsSync(join(folderOf(name)))).toBe(false);
  });
});
