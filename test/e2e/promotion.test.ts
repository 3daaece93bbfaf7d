import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { promoteIn } from "../../cli/commands/promote";
import { rollBackIn } from "../../cli/commands/rollback";
import { writeSecrets } from "../../infra/api/secrets";
import { asAdministrator, secretsIn, type ServerView } from "../support/server-view";
import { TestStack } from "../support/stack";

const KEY = "sk-of-the-promotion";

/** One stack on the sandbox; each block goes on where the one before it ended. */
describe("secrets of a stack", () => {
  let stack: TestStack;
  let outputs: { [name: string]: unknown };
  let printed: string[] = [];

  const place = (environment: string) => ({
    projectId: String(outputs.projectId),
    environment,
    secretPath: "/openai-rag",
  });
  const look = <T>(see: (view: ServerView) => Promise<T>): Promise<T> => asAdministrator(outputs, see);
  const valuesIn = (environment: string) => look((view) => secretsIn(view, place(environment)));
  const put = (environment: string, key: string, value: string): Promise<void> =>
    look(({ ask }) => writeSecrets(ask, place(environment), [{ key, value }]));
  const run = async (work: () => Promise<void>): Promise<string> => {
    printed = [];
    const spy = vi.spyOn(console, "log").mockImplementation((line) => void printed.push(String(line)));
    await work().finally(() => spy.mockRestore());
    return printed.join("\n");
  };

  beforeAll(async () => {
    stack = await TestStack.open({ target: "sandbox" });
    await stack.configureSecret("OPENAI_API_KEY", KEY);
    await stack.up();
    outputs = await stack.outputs();
  });
  afterAll(() => stack?.dispose());

  describe("promotion", () => {
    it("asks first: with nobody there it changes nothing", async () => {
      await expect(run(() => promoteIn(stack.workspace, "dev", "staging", {}))).rejects.toThrow("say --yes");
      expect(printed.join("\n")).toMatch(/\+ \/openai-rag\/OPENAI_API_KEY: \(new\) [0-9a-f]{8}/);
      expect(printed.join("\n")).not.toMatch(new RegExp(`${KEY}|gpt-4o-mini`));
    });

    it("copies what differs, into a folder that it makes", async () => {
      const shown = await run(() => promoteIn(stack.workspace, "dev", "staging", { yes: true }));
      expect(shown).toMatch(/copied 4, not copied 0/);
      expect(await valuesIn("staging")).toEqual(await valuesIn("dev"));
      expect(await run(() => promoteIn(stack.workspace, "dev", "staging", { yes: true }))).toMatch(/no difference/);
    });

    it("does not copy into keys that the blueprint sets again, and says where", async () => {
      await put("staging", "QDRANT_URL", "http://staging:6333");
      const shown = await run(() => promoteIn(stack.workspace, "staging", "dev", { yes: true }));
      expect(shown).toMatch(
        /QDRANT_URL: [0-9a-f]{8} => [0-9a-f]{8}\s+not copied: the blueprint sets it: change it at .*\.yaml:\d+/,
      );
      expect((await valuesIn("dev")).QDRANT_URL).toBe("http://localhost:6333");
    });

    it("names the environments that there are", async () => {
      await expect(promoteIn(stack.workspace, "dev", "qa", { yes: true })).rejects.toThrow(
        '"qa" is not an environment of my-rag (dev, staging, prod)',
      );
    });
  });

  describe("roll-back", () => {
    let between = "";

    it("begins with a look at the versions that are live", async () => {
      await put("dev", "QDRANT_URL", "http://localhost:6333");
      const shown = await run(() => rollBackIn(stack.workspace, "/openai-rag", {}));
      expect(shown).toMatch(/QDRANT_URL: version 2, written 20\d\d-/);
      expect(shown).toMatch(/OPENAI_LLM_MODEL: version 1, written 20\d\d-/);
    });

    it("gives one key the value of a version", async () => {
      await put("staging", "QDRANT_URL", "http://second:6333");
      await pause(20);
      between = new Date().toISOString();
      await pause(20);
      await put("staging", "QDRANT_URL", "http://third:6333");
      await put("staging", "OPENAI_LLM_MODEL", "another");
      const options = { environment: "staging", key: "QDRANT_URL", yes: true };
      const shown = await run(() => rollBackIn(stack.workspace, "/openai-rag", { ...options, to: "1" }));
      expect(shown).toMatch(/~ QDRANT_URL: version 4 [0-9a-f]{8} => value of version 1 [0-9a-f]{8}/);
      expect((await valuesIn("staging")).QDRANT_URL).toBe("http://localhost:6333");
      expect((await valuesIn("staging")).OPENAI_LLM_MODEL).toBe("another");
    });

    it("gives a folder the values of a moment", async () => {
      await run(() => rollBackIn(stack.workspace, "/openai-rag", { environment: "staging", to: between, yes: true }));
      expect(await valuesIn("staging")).toMatchObject({
        QDRANT_URL: "http://second:6333",
        OPENAI_LLM_MODEL: "gpt-4o-mini",
      });
    });

    it("asks first, and says which keys the blueprint sets again", async () => {
      await put("dev", "QDRANT_URL", "http://by-hand:6333");
      const asked = run(() => rollBackIn(stack.workspace, "/openai-rag", { to: "1", key: "QDRANT_URL" }));
      await expect(asked).rejects.toThrow("say --yes");
      expect(printed.join("\n")).toMatch(/the blueprint sets it again at the next up: change it at .*\.yaml:\d+, too/);
      expect((await valuesIn("dev")).QDRANT_URL).toBe("http://by-hand:6333");
    });

    it.each([
      ["yesterday-ish", "neither a version nor a time"],
      ["2999-01-01", "is yet to come"],
    ])("to %s is refused", async (to, says) => {
      await expect(rollBackIn(stack.workspace, "/openai-rag", { to })).rejects.toThrow(says);
    });
  });
});
