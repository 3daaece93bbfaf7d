import type { FastifyInstance } from "fastify";
import { createApp } from "../../../sandbox/http/app.js";
import { openSandbox, type Sandbox } from "../../../sandbox/sandbox.js";
import { readSettings } from "../../../sandbox/settings.js";

export interface TestApp {
  readonly app: FastifyInstance;
  readonly sandbox: Sandbox;
  /** One call; a body goes as JSON. */
  call(method: "GET" | "POST" | "PATCH" | "DELETE", url: string, more?: CallOptions): Promise<Answer>;
}

interface CallOptions {
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  /** Parsed JSON; `{text}` when it is none. */
  readonly body: unknown;
  /** What is at the end of these keys of the body. */
  at(...keys: (string | number)[]): unknown;
}

/** A sandbox in memory, called without a network. */
export async function openTestApp(environment: Record<string, string> = {}): Promise<TestApp> {
  const settings = readSettings({
    ENCRYPTION_KEY: "0123456789abcdef0123456789abcdef",
    AUTH_SECRET: "test",
    SANDBOX_DATA: "memory",
    SANDBOX_PERMISSION_DELAY_MS: "0",
    ...environment,
  });
  const sandbox = await openSandbox(settings);
  const app = await createApp(sandbox);
  return {
    app,
    sandbox,
    async call(method, url, { body, token, headers = {} } = {}) {
      const answer = await app.inject({
        method,
        url,
        headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      });
      const parsed = parse(answer.payload);
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: parsed,
        at: (...keys) => keys.reduce((value, key) => fieldOf(value, key), parsed),
      };
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { text };
  }
}

function fieldOf(value: unknown, key: string | number): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string | number, unknown>)[key] : undefined;
}
