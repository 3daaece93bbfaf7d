import { describe, expect, it } from "vitest";
import type { Belongings } from "../../../cli/core/belongings";
import { certificateOf, certificateTable } from "../../../cli/core/certificate";

const nothing: Belongings = {
  containers: [],
  volumes: [],
  networks: [],
  processes: [],
  ports: [],
  files: [],
  others: [],
};

describe("a certificate", () => {
  it("counts what there was, and names what is left", () => {
    const before = { ...nothing, containers: ["a", "b"], volumes: ["v"] };
    const lines = certificateOf(before, { ...nothing, volumes: ["v"] }, { existed: 7, left: [] }, true);
    expect(lines).toContainEqual({ kind: "containers", existed: 2, left: [], seen: true });
    expect(lines).toContainEqual({ kind: "volumes", existed: 1, left: ["v"], seen: true });
    expect(lines).toContainEqual({ kind: "resources in the state", existed: 7, left: [], seen: true });
    expect(certificateTable(lines).find((line) => line.startsWith("volumes"))).toMatch(/1\s+1\s+v$/);
  });

  it("counts what came up only afterwards, as a plugin that was still at work", () => {
    const lines = certificateOf(nothing, { ...nothing, containers: ["late"] }, { existed: 0, left: [] }, true);
    expect(lines).toContainEqual({ kind: "containers", existed: 1, left: ["late"], seen: true });
  });

  it("does not say that nothing is left where nobody could look", () => {
    const lines = certificateOf(nothing, nothing, { existed: 0, left: [] }, false);
    expect(certificateTable(lines).find((line) => line.startsWith("containers"))).toMatch(/not looked for/);
  });
});
