import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { dropPulumiFrames } from "../../../infra/uncaught";

/** An error as the program gets it: with a frame at which Node 20.20 stays for a minute when it colours the stack. */
function failure(): Error {
  const error = new Error("what is wrong");
  error.stack = `Error: what is wrong
    at settingsOf (/home/me/infra/config.ts:83:9)
    at Stack.initializeAndRegisterOutputs (/home/me/node_modules/@pulumi/resource.ts:1598:22)`;
  return error;
}

describe("an error that nobody catches", () => {
  it("keeps its message and the frames of the program, and loses those of Pulumi", () => {
    const error = failure();
    dropPulumiFrames(error);
    expect(error.message).toBe("what is wrong");
    expect(error.stack).toBe("Error: what is wrong\n    at settingsOf (/home/me/infra/config.ts:83:9)");
  });

  it("is then shown in colours without the minute's wait", () => {
    const error = failure();
    dropPulumiFrames(error);
    expect(inspect(error, { colors: true })).toContain("what is wrong");
  }, 20_000);

  it("may be anything that can be thrown", () => {
    for (const thrown of ["text", undefined, null, { message: "m" }])
      expect(() => dropPulumiFrames(thrown)).not.toThrow();
  });
});
