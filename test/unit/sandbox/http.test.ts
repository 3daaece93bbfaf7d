import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openTestApp, type TestApp } from "./sandbox-app.js";

let server: TestApp;
beforeAll(async () => {
  server = await openTestApp();
}, 60_000);
afterAll(() => server.app.close());

describe("answers of the sandbox", () => {
  it("say in a header that this is not Infisical, errors included", async () => {
    for (const path of ["/api/status", "/api/v1/health", "/", "/api/v1/projects"]) {
      expect((await server.call("GET", path)).headers["x-infisical-sandbox"]).toBe("sandbox, not Infisical");
    }
  });

  it("have no reqId for an unknown route, and one for an unknown object", async () => {
    const noRoute = await server.call("GET", "/api/v1/health?x=1");
    expect(noRoute.status).toBe(404);
    expect(noRoute.body).toEqual({
      message: "Route GET:/api/v1/health?x=1 not found",
      error: "Not Found",
      statusCode: 404,
    });
    const refused = await server.call("GET", "/api/v1/projects");
    expect(refused.body).toEqual({
      reqId: expect.stringMatching(/^req-\w{14}$/),
      statusCode: 401,
      message: "Token missing",
      error: "UnauthorizedError",
    });
  });

  it("are HTML with 200 for a GET outside /api, and only there", async () => {
    const page = await server.call("GET", "/login/anything");
    expect(page.status).toBe(200);
    expect(page.headers["content-type"]).toContain("text/html");
    expect(page.at("text")).toContain("sandbox, not Infisical");
    expect((await server.call("POST", "/login")).status).toBe(404);
    expect((await server.call("GET", "/api")).status).toBe(404);
  });

  it("list the issues of a bad body in an array, in the shape of zod 3", async () => {
    const answer = await server.call("POST", "/api/v1/admin/signup", { body: { email: "nope", unknown: 1 } });
    expect(answer.status).toBe(422);
    expect(answer.at("error")).toBe("ValidationFailure");
    expect(answer.at("message")).toContainEqual({
      code: "invalid_type",
      expected: "string",
      received: "undefined",
      path: ["password"],
      message: "Required",
    });
    expect((await server.call("POST", "/api/v1/admin/signup")).at("message", 0, "received")).toBe("null");
  });
});

describe("requests that the real server mishandles", () => {
  // Each of them is reported on stderr, with its request id.
  beforeAll(() => void vi.spyOn(console, "error").mockImplementation(() => undefined));
  afterAll(() => void vi.restoreAllMocks());

  it.each([
    ["malformed JSON", "{bad", "application/json"],
    ["the JSON type without a body", "", "application/json"],
    ["more than 1 MiB", JSON.stringify({ email: "x".repeat(1024 * 1024) }), "application/json"],
  ])("are 500 for %s, like the real server's", async (_what, payload, type) => {
    const answer = await server.app.inject({
      method: "POST",
      url: "/api/v1/admin/signup",
      payload,
      headers: { "content-type": type },
    });
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ message: "Something went wrong", error: "InternalServerError" });
  });

  it("carry an ETag, and come without a body when the caller has it already", async () => {
    const path = "/api/v1/admin/config/";
    const first = await server.call("GET", path);
    const etag = String(first.headers["etag"]);
    const second = await server.call("GET", path, { headers: { "if-none-match": etag } });
    expect(second.status).toBe(304);
    expect(second.at("text")).toBe("");
    expect((await server.call("GET", path, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
  });

  it("are 500 for a password login without a User-Agent", async () => {
    const body = { email: "a@example.com", password: "x" };
    expect((await server.call("POST", "/api/v3/auth/login", { body, headers: { "user-agent": "" } })).status).toBe(500);
    expect((await server.call("POST", "/api/v3/auth/login", { body })).status).toBe(400);
  });
});
