import { beforeAll, describe, expect, it } from "vitest";
import { EXCEPTIONS, idsOf } from "./exceptions.js";
import { readRecording } from "./recording.js";
import { printable, reportOf, saveReport } from "./report.js";
import { runAll, type Run } from "./run.js";

/** A disposable, uninitialised server by its address; without one, sandboxes of our own. */
const url = process.env["INFISICAL_URL"];
const isOwn = url === undefined || url === "";

describe(`the recorded exchanges, sent again to ${isOwn ? "the sandbox" : url}`, () => {
  let run: Run;

  beforeAll(async () => {
    run = await runAll(url);
    const report = reportOf(run);
    saveReport(report);
    console.log(printable(report));
  }, 600_000);

  it("gives status, error name, JSON shape and values as recorded, but for the listed exceptions", () => {
    const listed = new Set(EXCEPTIONS.flatMap((entry) => idsOf(entry)));
    const unexpected = run.outcomes.filter(({ id, verdict }) => verdict !== "same" && !listed.has(id));
    const lines = unexpected.map(({ id, name, differences }) => `${id} ${name}: ${differences.join("; ")}`);
    expect(lines).toEqual([]);
  });

  it.runIf(isOwn)("needs every exception of the list, each of the kind that it names", () => {
    const verdicts = new Map(run.outcomes.map(({ id, verdict }) => [id, verdict]));
    const listed = EXCEPTIONS.flatMap((entry) => idsOf(entry).map((id) => ({ id, kind: entry.kind })));
    const wrong = listed.filter(({ id, kind }) => verdicts.get(id) !== kind);
    expect(wrong.map(({ id, kind }) => `${id} is listed as "${kind}" but came out as "${verdicts.get(id)}"`)).toEqual(
      [],
    );
  });

  it.runIf(isOwn)("sends or lists every exchange of the recordings", () => {
    const ids = run.outcomes.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const logs = readRecording("sdk-python").length + readRecording("sdk-node").length;
    expect(ids.length).toBe(readRecording("exchanges").length + logs);
  });
});
