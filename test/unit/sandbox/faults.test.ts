import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createApp } from "../../../sandbox/http/app.js";
import { openTestApp, type TestApp } from "./sandbox-app.js";

let server: TestApp;
let origin: string;

beforeAll(async () => {
  server = await openTestApp({ SANDBOX_FAULTS: "1" });
  await server.app.listen({ host: "127.0.0.1", port: 0 });
  origin = `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}`;
}, 60_000);
afterAll(() => server.app.close());
beforeEach(async () => {
  await server.call("DELETE", "/__sandbox/faults");
  await server.call("DELETE", "/__sandbox/requests");
});

const order = (...rules: object[]): Promise<unknown> => server.call("POST", "/__sandbox/faults", { body: rules });
const get = (path: string): Promise<Response> => fetch(origin + path);
const CONFIG = "/api/v1/admin/config";

describe("faults on order", () => {
  it("break the connection before anything is done, on the n-th matching request only", async () => {
    await order({ path: "admin/config$", nth: 2, kind: "drop-before" });
    expect((await get(CONFIG)).status).toBe(200);
    await expect(get(CONFIG)).rejects.toThrow("fetch failed");
    expect((await get(CONFIG)).status).toBe(200);
  });

  it("do everything and then break the connection without an answer", async () => {
    await order({ method: "post", path: "admin/bootstrap", kind: "drop-after" });
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: "a@example.com", password: "x", organization: "A" }),
    };
    await expect(fetch(`${origin}/api/v1/admin/bootstrap`, init)).rejects.toThrow("fetch failed");
    const { config } = (await (await get(CONFIG)).json()) as { config: { initialized: boolean } };
    expect(config.initialized).toBe(true);
  });

  it("answer a status with Retry-After and a body of one's own, every time when asked to", async () => {
    await order({
      path: "config",
      nth: "every",
      kind: "status",
      status: 429,
      retryAfter: 7,
      body: { message: "slow" },
    });
    for (const _time of [1, 2]) {
      const answer = await get(CONFIG);
      expect(answer.status).toBe(429);
      expect(answer.headers.get("retry-after")).toBe("7");
      expect(await answer.json()).toEqual({ message: "slow" });
    }
  });

  it("let a request hang and then go on", async () => {
    await order({ path: "config", kind: "hang", ms: 60_000 });
    await expect(fetch(origin + CONFIG, { signal: AbortSignal.timeout(100) })).rejects.toThrow("timeout");
  });

  it("leave the health route alone unless they name it", async () => {
    await order({ nth: "every", kind: "status", status: 503 });
    expect((await get("/api/status")).status).toBe(200);
    await order({ path: "^/api/status$", kind: "status", status: 502 });
    expect((await get("/api/status")).status).toBe(502);
  });

  it("are refused with words when the order is wrong", async () => {
    const answer = await server.call("POST", "/__sandbox/faults", { body: [{ kind: "explode" }] });
    expect(answer.status).toBe(422);
  });

  it("come with a log of requests that holds neither bodies nor queries", async () => {
    await get(`${CONFIG}?token=hidden-value`);
    await get("/api/status");
    await fetch(`${origin}/api/v3/auth/login`, { method: "POST", body: "hidden-value" });
    const { body, at } = await server.call("GET", "/__sandbox/requests");
    expect(at("requests")).toMatchObject([
      { n: 1, method: "GET", route: CONFIG, path: CONFIG, status: 200 },
      { n: 2, method: "POST", route: "/api/v3/auth/login", status: 422 },
    ]);
    expect(JSON.stringify(body)).not.toContain("hidden-value");
  });
});

describe("without SANDBOX_FAULTS", () => {
  it("there are no such routes", async () => {
    const { sandbox } = server;
    const settings = { ...sandbox.settings, faultsEnabled: false };
    const plain = await createApp({ ...sandbox, settings, close: () => Promise.resolve() });
    const answer = await plain.inject({ method: "POST", url: "/__sandbox/faults", payload: [] });
    expect(answer.statusCode).toBe(404);
    await plain.close();
  });
});
