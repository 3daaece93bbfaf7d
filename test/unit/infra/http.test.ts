import { createServer as createTlsServer } from "node:https";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Fault } from "../../../infra/api/fault";
import { isFault, isNotFound, isRouteMissing, isTokenRefused, isUncertain } from "../../../infra/api/fault";
import { send, type Call } from "../../../infra/api/http";
import { freePort } from "../../support/free-port";
import { listen, serve, type Reply } from "../../support/http-server";
import { selfSignedCertificate } from "../../support/self-signed-certificate";

/** Pauses take no time here; the clock goes on by them. */
const pauses = vi.hoisted((): number[] => []);
vi.mock("node:timers/promises", () => ({
  setTimeout: async (milliseconds: number) => {
    pauses.push(milliseconds);
    vi.setSystemTime(Date.now() + milliseconds);
  },
}));

const OK: Reply = { json: { message: "Ok" } };
const GET: Call = { method: "GET", path: "/api/thing" };
const POST: Call = { method: "POST", path: "/api/thing", body: { value: "s3cret-body" }, token: "s3cret-token" };

beforeEach(() => {
  pauses.length = 0;
  vi.useFakeTimers({ toFake: ["Date"] });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Answers with the replies in turn, and with the last one for ever. */
function inTurn(...replies: Reply[]): () => Reply {
  return () => (replies.length > 1 ? replies.shift() : replies[0]) ?? OK;
}

function refused(status: number, error = "BadRequest", message: unknown = "no", headers = {}): Reply {
  return { status, json: { reqId: "req-1", statusCode: status, error, message }, headers };
}

async function faultOf(url: string, call: Call): Promise<Fault> {
  const thrown: unknown = await send(url, call).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!isFault(thrown)) throw new Error(`no fault but ${String(thrown)}`);
  return thrown;
}

describe("a call", () => {
  it("returns the parsed JSON and says who is asking", async () => {
    const server = await serve(() => OK);
    expect(await send(server.url, { ...GET, token: "abc", query: { a: 1, b: true, c: undefined } })).toEqual({
      message: "Ok",
    });
    const [seen] = server.received;
    expect(seen?.headers["user-agent"]).toBe("infisical-pulumi-stack");
    expect(seen?.headers.authorization).toBe("Bearer abc");
    expect(seen?.query.toString()).toBe("a=1&b=true");
  });

  it("names JSON as its type only with a body, since an empty one is 500 at Infisical", async () => {
    const server = await serve(() => OK);
    await send(server.url, { method: "POST", path: "/api/logout" });
    await send(server.url, { method: "POST", path: "/api/thing", body: {} });
    expect(server.received.map(({ headers }) => headers["content-type"])).toEqual([undefined, "application/json"]);
  });

  it("does not follow a redirect to a login page", async () => {
    const server = await serve(() => ({ status: 302, text: "", headers: { location: "/login" } }));
    expect(await faultOf(server.url, GET)).toMatchObject({ kind: "shape", status: 302 });
    expect(server.received).toHaveLength(1);
  });
});

describe("a repetition", () => {
  it.each([502, 503, 504])("follows %i for what is repeatable, with growing pauses", async (status) => {
    const server = await serve(inTurn(refused(status), refused(status), OK));
    expect(await send(server.url, GET)).toEqual({ message: "Ok" });
    expect(pauses).toEqual([500, 1_000]);
  });

  it("follows a lost connection", async () => {
    const server = await serve(inTurn("hang up", OK));
    expect(await send(server.url, { ...GET, method: "DELETE" })).toEqual({ message: "Ok" });
    expect(server.received).toHaveLength(2);
  });

  it("is not made of a POST, which may have been carried out", async () => {
    for (const reply of [refused(503), "hang up"] as const) {
      const server = await serve(inTurn(reply, OK));
      expect(await faultOf(server.url, POST)).toMatchObject({ uncertain: true });
      expect(server.received).toHaveLength(1);
    }
  });

  it("is made of a POST that is told to be repeatable, and of any that came too early (429)", async () => {
    const server = await serve(inTurn(refused(503), OK));
    expect(await send(server.url, { ...POST, repeatable: true })).toEqual({ message: "Ok" });
    const busy = await serve(inTurn(refused(429), OK));
    expect(await send(busy.url, POST)).toEqual({ message: "Ok" });
  });

  it("waits as long as the server asks for, up to 15 s", async () => {
    const headers = (seconds: string): { [name: string]: string } => ({ "retry-after": seconds });
    const server = await serve(
      inTurn(refused(429, "RateLimit", "slow", headers("3")), refused(429, "RateLimit", "slow", headers("600")), OK),
    );
    await send(server.url, GET);
    expect(pauses).toEqual([3_000, 15_000]);
  });

  it("ends after a minute and a half with what was seen last", async () => {
    const server = await serve(() => refused(503, "Unavailable", "still starting"));
    const seen = await faultOf(server.url, GET);
    expect(seen).toMatchObject({ status: 503, detail: "still starting" });
    const waited = pauses.reduce((sum, pause) => sum + pause, 0);
    expect(waited).toBeLessThanOrEqual(90_000);
    expect(waited).toBeGreaterThan(80_000);
  });

  it.each([400, 401, 403, 404, 409, 422, 500])("is not made after %i", async (status) => {
    const server = await serve(() => refused(status));
    expect(await faultOf(server.url, GET)).toMatchObject({ kind: "answer", status });
    expect(server.received).toHaveLength(1);
  });
});

describe("a fault", () => {
  it("gives method, path, address, status, the server's own name and words", async () => {
    const server = await serve(() => refused(400, "BadRequest", "Environment with slug already exists"));
    expect((await faultOf(server.url, POST)).message).toBe(
      `POST /api/thing on ${server.url}: 400 BadRequest: Environment with slug already exists`,
    );
  });

  it("spells out which fields of a body were refused, without their values", async () => {
    const issues = [
      { code: "custom", path: ["slug"], message: "too short", received: "s3cret-body" },
      { code: "invalid", path: ["a", "b"] },
    ];
    const server = await serve(() => refused(422, "ValidationFailure", issues));
    const seen = await faultOf(server.url, POST);
    expect(seen.detail).toBe("slug: too short; a.b: refused");
    expect(seen.message).not.toContain("s3cret");
  });

  it("says that HTML with status 200 is no API, and what to check", async () => {
    const server = await serve(() => ({ text: "<html>a web page</html>" }));
    const seen = await faultOf(server.url, GET);
    expect(seen).toMatchObject({ kind: "shape", status: 200 });
    expect(seen.message).toMatch(/not JSON but text\/html\)\. Check the host and the port\./);
  });

  it("says that JSON which breaks off cannot be read", async () => {
    const server = await serve(() => ({ text: '{"a":', headers: { "content-type": "application/json" } }));
    expect((await faultOf(server.url, GET)).message).toMatch(/JSON that cannot be read\. Is a proxy in between\?/);
  });

  it("keeps an error page without JSON apart from Infisical's own answers", async () => {
    const server = await serve(() => ({ status: 413, text: "too large" }));
    expect(await faultOf(server.url, GET)).toMatchObject({ kind: "answer", status: 413, error: "", detail: "" });
  });
});

describe("a fault without an answer", () => {
  it("says that nobody answers, and that nothing was carried out", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const seen = await faultOf(url, POST);
    expect(seen.message).toMatch(/no answer from .* \(ECONNREFUSED\)\. Check that the server runs/);
    expect(seen).toMatchObject({ kind: "connection", status: 0, uncertain: false });
  });

  it("says after how long there was no answer, and that Redis is the usual reason", async () => {
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    const limits = vi.spyOn(AbortSignal, "timeout").mockImplementation(() => timeout(50));
    const server = await serve(() => "silence");
    const seen = await faultOf(server.url, POST);
    expect(limits).toHaveBeenCalledWith(30_000);
    expect(seen.message).toMatch(/\(no answer in 30 s\)\. A server whose Redis is down answers nothing at all/);
    expect(isUncertain(seen)).toBe(true);
  });

  it("says at once that a certificate is not trusted, and how to trust it", async () => {
    const port = await listen(createTlsServer(selfSignedCertificate()));
    const seen = await faultOf(`https://127.0.0.1:${port}`, GET);
    expect(seen.message).toMatch(/not trusted: give your CA by NODE_EXTRA_CA_CERTS/);
    expect(pauses).toEqual([]);
    expect(isUncertain(await faultOf(`https://127.0.0.1:${port}`, POST))).toBe(false);
  });
});

describe("every fault", () => {
  it("never holds a body, a query, a token or a cookie", async () => {
    const call: Call = { ...POST, query: { q: "s3cret-query" }, cookie: "jid=s3cret-cookie" };
    const replies: Reply[] = [refused(500), refused(403), { text: "<html>" }, { status: 502, text: "" }, "hang up"];
    for (const reply of replies) {
      const server = await serve(() => reply);
      const seen = await faultOf(server.url, call);
      expect(`${seen.message} ${seen.detail} ${seen.stack}`).not.toContain("s3cret");
    }
  });

  it("does not repeat a token that cannot be sent", async () => {
    const server = await serve(() => OK);
    const seen = await faultOf(server.url, { ...POST, token: "s3cret\ntoken" });
    expect(`${seen.message} ${seen.detail}`).not.toContain("s3cret");
  });

  it("has no stack, which the engine would print", async () => {
    const server = await serve(() => refused(400));
    const seen = await faultOf(server.url, GET);
    expect(seen.stack).toBe(seen.message);
  });

  it("tells a missing object, a missing route and a refused token apart", async () => {
    const faultFor = async (reply: Reply): Promise<Fault> => faultOf((await serve(() => reply)).url, GET);
    const missing = await faultFor(refused(404, "NotFound"));
    const route = await faultFor({
      status: 404,
      json: { statusCode: 404, error: "Not Found", message: "Route GET:/" },
    });
    expect([isNotFound(missing), isRouteMissing(missing)]).toEqual([true, false]);
    expect([isNotFound(route), isRouteMissing(route)]).toEqual([false, true]);
    expect(isTokenRefused(await faultFor(refused(403, "TokenError")))).toBe(true);
    expect(isTokenRefused(await faultFor(refused(401, "UnauthorizedError")))).toBe(true);
    expect(isTokenRefused(await faultFor(refused(403, "PermissionDenied")))).toBe(false);
  });
});
