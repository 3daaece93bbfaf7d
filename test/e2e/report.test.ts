import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gather } from "../../cli/commands/report";
import { bringUp } from "../../cli/core/bring-up";
import { LOCAL } from "../../cli/core/places";
import { recordUp } from "../../cli/core/run-record";
import { pageOf, type Report } from "../../cli/report/page";
import { chromiumOnMachine, dumpedDom, pngFacts, screenshot } from "../support/chromium";
import { findSecrets, secretsInExport } from "../support/hygiene";
import { untilGone } from "../support/leftovers";
import { recordNotRun } from "../support/not-run";
import { TestStack } from "../support/stack";

const FOLDER = join(LOCAL, "report");
const PAGE = join(FOLDER, "test.html");

describe("the page of a stack", () => {
  let stack: TestStack;
  let content: Report;

  beforeAll(async () => {
    stack = await TestStack.open({ target: "sandbox" });
    await stack.configureSecret("OPENAI_API_KEY", "sk-proj-not-for-the-page");
    await recordUp(stack.workspace, () => bringUp(stack.workspace));
    content = await gather(stack.workspace);
    mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
    writeFileSync(PAGE, pageOf(content));
  });
  afterAll(async () => {
    rmSync(join(LOCAL, "logs", `up.${stack?.name}.json`), { force: true });
    await stack?.dispose();
  });

  it("shows what was built, the last up by phase, the proof of access, and the ages", () => {
    expect(content.built.server).toMatchObject({ kind: "sandbox", port: stack.port });
    expect(content.built.projects.map(({ slug }) => slug)).toEqual(["my-rag"]);
    expect(content.spans.map(({ name }) => name)).toEqual([
      "Pulumi and the program start",
      "keys and passwords",
      "sandbox process",
      "the server answers",
      "administrator",
      "projects and folders",
      "secrets",
      "identities and access",
    ]);
    expect(content.asked).toMatchObject({ verdicts: expect.arrayContaining([expect.anything()]) });
    expect(content.credentials.map(({ what }) => what)).toContain("client secret 1");
  });

  it("holds none of the stack's secrets, in no form", async () => {
    const { stdout } = await stack.must(["stack", "export", "--show-secrets"]);
    // The run that shows them is no output that a person keeps.
    stack.transcripts.pop();
    const secrets = secretsInExport(JSON.parse(stdout));
    expect(secrets.map(({ value }) => value)).toContain("sk-proj-not-for-the-page");
    const places = [
      { name: "the page", content: Buffer.from(pageOf(content)) },
      { name: "its JSON", content: Buffer.from(JSON.stringify(content)) },
    ];
    expect(findSecrets(secrets, places)).toEqual([]);
  });

  it("is drawn by a browser, light and dark, without a word from anywhere else", async () => {
    const browser = chromiumOnMachine();
    if (browser === undefined) return recordNotRun("the page of `npm run report` in a browser", "no Chromium");
    const dom = await dumpedDom(browser, PAGE);
    expect(dom.match(/<path class="grant read"/g)).toHaveLength(1);
    expect(dom).toContain("rag-sdk-identity");
    const corners: { [scheme: string]: number[] } = {};
    for (const scheme of ["light", "dark"] as const) {
      const png = join(FOLDER, `test-${scheme}.png`);
      await screenshot(browser, PAGE, png, { scheme, width: 1280, height: 2200 });
      const { width, height, corner, packed } = pngFacts(png);
      expect([width, height]).toEqual([1280, 2200]);
      // A page with nothing on it packs into a few thousand bytes.
      expect(packed).toBeGreaterThan(50_000);
      corners[scheme] = corner;
    }
    expect(corners).toEqual({ light: [0xf6, 0xf7, 0xf9], dark: [0x0f, 0x14, 0x1a] });
  });

  it("says that the access was not tried when the server is away, and is there all the same", async () => {
    const { asked: switchedOff } = await gather(stack.workspace, { verify: false });
    expect(switchedOff).toEqual({ reason: "it was switched off by --no-verify" });
    const pid = stack.sandboxPid();
    process.kill(pid, "SIGKILL");
    await untilGone(pid);
    const away = await gather(stack.workspace);
    expect(away.asked).toEqual({ reason: expect.stringContaining("cannot log in") });
    expect(pageOf(away)).toContain("cannot log in");
  });
});
