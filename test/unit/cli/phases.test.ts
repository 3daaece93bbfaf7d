import { afterEach, describe, expect, it, vi } from "vitest";
import { Phases } from "../../../cli/core/phases";

describe("the phases of a command", () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it("are plain lines with the time since the start, and are kept with how long each took", () => {
    vi.useFakeTimers();
    const lines: string[] = [];
    vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
    const phases = new Phases("up");
    phases.begin("looking");
    vi.advanceTimersByTime(1_500);
    phases.begin("making");
    vi.advanceTimersByTime(2_000);
    expect(phases.end()).toEqual([
      { name: "looking", seconds: 1.5 },
      { name: "making", seconds: 2 },
    ]);
    expect(lines).toEqual(["up (0.0 s): looking", "up (1.5 s): making"]);
  });
});
