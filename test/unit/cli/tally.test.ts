import { describe, expect, it } from "vitest";
import { NOTHING, sum, tallyLine, tallyOfNode, tallyOfPytest } from "../../../cli/core/tally";

describe("the figures of a test run", () => {
  it("are read from both forms in which node prints them; cancelled tests have failed", () => {
    const spec =
      "✔ one (1ms)\n  ✖ two (2.5ms)\nℹ tests 7\nℹ pass 3\nℹ fail 2\nℹ cancelled 1\nℹ skipped 1\nℹ todo 0\n✖ failing tests:\n✖ two (2.5ms)\n";
    const tap = spec.replaceAll("ℹ", "#").replaceAll("✖", "not ok 1 -");
    expect(tallyOfNode(spec)).toEqual({ ...NOTHING, passed: 3, failed: 3, skipped: 1, failures: ["two"] });
    expect(tallyOfNode(tap)).toEqual(tallyOfNode(spec));
  });

  it("are read from pytest's last line; errors have failed", () => {
    expect(tallyOfPytest(".....\n5 passed in 1.2s\n")).toEqual({ ...NOTHING, passed: 5 });
    expect(
      tallyOfPytest(
        "E 99 passed\nFAILED tests/test_a.py::test_b - assert 1 == 2\n2 failed, 57 passed, 1 skipped, 1 error in 4.10s\n",
      ),
    ).toEqual({
      ...NOTHING,
      passed: 57,
      failed: 3,
      skipped: 1,
      failures: ["tests/test_a.py::test_b - assert 1 == 2"],
    });
    expect(tallyOfPytest("no tests ran in 0.01s")).toEqual(NOTHING);
  });

  it("end in one plain line, which speaks of skipped tests only when there are some", () => {
    const tally = { ...NOTHING, passed: 2 };
    expect(tallyLine(sum([tally, tally]))).toBe("4 passed, 0 failed");
    expect(tallyLine(sum([tally, { ...NOTHING, failed: 1, skipped: 3 }]))).toBe("2 passed, 1 failed, 3 skipped");
  });
});
