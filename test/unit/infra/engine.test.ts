import { createServer } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { requireEngine } from "../../../infra/api/engine";
import { freePort } from "../../support/free-port";
import { listen } from "../../support/http-server";

const argv = process.argv;

afterEach(() => {
  process.argv = argv;
});

describe("a provider", () => {
  it("works while the Pulumi run that started it is there", async () => {
    const port = await listen(createServer());
    process.argv = ["node", "/x/cmd/dynamic-provider/index.js", `127.0.0.1:${port}`];
    await expect(requireEngine()).resolves.toBeUndefined();
  });

  it("changes nothing any more once that run was killed", async () => {
    process.argv = ["node", "/x/cmd/dynamic-provider/index.js", `127.0.0.1:${await freePort()}`];
    await expect(requireEngine()).rejects.toThrow("the Pulumi run that asked for this is gone; nothing was changed.");
  });

  it("minds no engine where there is none, as in a command", async () => {
    process.argv = ["node", "/x/cli/main.ts", `127.0.0.1:${await freePort()}`];
    await expect(requireEngine()).resolves.toBeUndefined();
  });
});
