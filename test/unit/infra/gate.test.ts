import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { freePort } from "../../support/free-port";
import { listen, serve } from "../../support/http-server";

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function gate(url: string, timeout = 60): Promise<Ended> {
  const env = { PATH: process.env.PATH, GATE_URL: url, GATE_TIMEOUT: String(timeout) };
  const child = spawn(process.execPath, ["--import", "tsx", "infra/gate/main.ts"], { env });
  const ended: Ended = { code: null, stdout: "", stderr: "" };
  child.stdout.on("data", (piece) => (ended.stdout += String(piece)));
  child.stderr.on("data", (piece) => (ended.stderr += String(piece)));
  return new Promise((resolve) => child.once("close", (code) => resolve({ ...ended, code })));
}

describe("the readiness gate", () => {
  it("waits through HTML, errors and silence for JSON, and says which path gave it, on stderr only", async () => {
    let calls = 0;
    const server = await serve(({ path }) => {
      calls += 1;
      if (calls < 2) return { text: "<html>a web page</html>" };
      if (calls < 4) return { status: 503, json: {} };
      return path === "/api/status" ? { json: { message: "Ok" } } : { status: 404, json: { error: "Not Found" } };
    });
    const { code, stdout, stderr } = await gate(server.url);
    expect(stderr).toMatch(/waiting for http:\/\/127\.0\.0\.1:\d+: \/api\/status gives 503/);
    expect(stderr).toMatch(/ready: \/api\/status answers \(\d+ s\)/);
    expect([code, stdout]).toEqual([0, ""]);
  });

  it("takes the route that newer servers have, when it answers", async () => {
    const server = await serve(() => ({ json: { message: "Ok" } }));
    const { code, stderr } = await gate(server.url);
    expect(stderr).toMatch(/^ready: \/api\/v1\/health answers \(\d+ s\)\n$/);
    expect(code).toBe(0);
  });

  it("is not done because the other side hangs up, as Docker's proxy does while the server boots", async () => {
    const port = await listen(createServer().on("connection", (socket) => socket.destroy()));
    const { code, stderr } = await gate(`http://127.0.0.1:${port}`, 1);
    expect(stderr).toMatch(/in 1 s; last seen: (ECONNRESET|EPIPE)\ncause: .* hangs up without an answer/);
    expect(code).toBe(4);
  });

  it("gives up in time with what was seen last and what to do", async () => {
    const { code, stderr } = await gate(`http://127.0.0.1:${await freePort()}`, 1);
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /not ready: no good answer from .* in 1 s; last seen: ECONNREFUSED\ncause: .*nothing listens there.*\nremedy: /,
    );
  });
});
