import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:https";
import { describe, expect, it } from "vitest";
import { diagnoseServer } from "../../../infra/gate/answers";
import { freePort } from "../../support/free-port";
import { listen, serve } from "../../support/http-server";
import { selfSignedCertificate } from "../../support/self-signed-certificate";

const STATUS = { date: "", message: "Ok", emailConfigured: false, redisConfigured: true };

describe("what answers at the server's address", () => {
  it("is nothing to speak of when it is Infisical, on time", async () => {
    const { url } = await serve(() => ({ json: STATUS }));
    expect(await diagnoseServer(url)).toBeUndefined();
  });

  it.each([
    ["a page instead of JSON", { text: "<html></html>" }, /answers with a page \(text\/html, status 200\)/],
    ["a page of a missing path", { status: 404, text: "not here" }, /answers with a page/],
    ["JSON of another program", { json: { hello: "world" } }, /not as Infisical does/],
    ["a proxy without its server", { status: 502, text: "bad gateway" }, /a proxy answers/],
    ["a redirection", { status: 308, text: "", headers: { location: "https://x.example/" } }, /sends on to https/],
    ["a hang-up", "hang up", /hangs up without an answer/],
    ["silence", "silence", /does not answer in time/],
  ] as const)("is told: %s", async (_what, reply, cause) => {
    const { url } = await serve(() => reply);
    const seen = await diagnoseServer(url);
    expect(seen?.cause).toMatch(cause);
    expect(seen?.remedy).not.toBe("");
  });

  it("is told when nothing listens", async () => {
    const seen = await diagnoseServer(`http://127.0.0.1:${await freePort()}`);
    expect(seen?.cause).toMatch(/nothing listens there \(ECONNREFUSED\)/);
  });

  it("is told when it stops half-way", async () => {
    const port = await listen(createHttpServer((_, response) => response.flushHeaders()));
    expect((await diagnoseServer(`http://127.0.0.1:${port}`))?.cause).toMatch(/does not answer in time/);
  });

  it("is told when the host name is not known", async () => {
    const seen = await diagnoseServer("http://no-such-host.invalid");
    expect(seen?.cause).toMatch(/the host name is not known/);
  });

  it("is told when its certificate is not trusted", async () => {
    const port = await listen(createServer(selfSignedCertificate()));
    const seen = await diagnoseServer(`https://localhost:${port}`);
    expect(seen?.cause).toMatch(/certificate is not trusted/);
    expect(seen?.remedy).toMatch(/NODE_EXTRA_CA_CERTS/);
  });

  it("is told when it does not speak TLS", async () => {
    const { url } = await serve(() => ({ json: STATUS }));
    const seen = await diagnoseServer(url.replace("http:", "https:"));
    expect(seen?.cause).toMatch(/does not speak TLS/);
  });

  it.each([
    [120, /120 s ahead of/],
    [-300, /300 s behind/],
  ])("is told when its clock differs by %i s", async (seconds, cause) => {
    const { url } = await serve(() => ({
      json: STATUS,
      headers: { date: new Date(Date.now() + seconds * 1_000 + 400).toUTCString() },
    }));
    expect((await diagnoseServer(url))?.cause).toMatch(new RegExp(cause.source.replace(/\d+/, "\\d+")));
  });
});
