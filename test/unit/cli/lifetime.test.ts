import { describe, expect, it } from "vitest";
import { claimPort, releasePort } from "../../../cli/ephemeral/port";
import { lifetimeOf } from "../../../cli/ephemeral/lifetime";

describe("a time to live", () => {
  it("is seconds, minutes or hours, a day at most", () => {
    expect([lifetimeOf("90s"), lifetimeOf("30m"), lifetimeOf("24h")]).toEqual([90_000, 1_800_000, 86_400_000]);
  });

  it.each(["", "30", "0s", "1d", "-5m", "25h", "5m "])("is not %j", (text) => {
    expect(() => lifetimeOf(text)).toThrow(/time to live/);
  });
});

describe("ports of instances that start at the same time", () => {
  it("are different, although nobody listens yet", async () => {
    const ports = await Promise.all(Array.from({ length: 40 }, () => claimPort()));
    for (const port of ports) releasePort(port);
    expect(new Set(ports).size).toBe(40);
  });
});
