import { Agent, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Json } from "./recording.js";

/** A request as the recording has it: nothing is added, not even a content type. */
export interface PlainRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  /** Sent as it is when a text, as JSON otherwise; null: no body at all. */
  body: Json;
}

export interface PlainAnswer {
  status: number;
  headers: Record<string, string>;
  setCookie: string[];
  body: Json;
}

const TIMEOUT_MS = 20_000;
const DEFAULT_USER_AGENT = "contract-probe/1";
const agent = new Agent({ keepAlive: true, maxSockets: 4 });

/**
 * Sends one request. `fetch` would not do: it adds a content type and a User-Agent of its own, and exchanges exist
 * about the lack of either.
 *
 * @throws Error when the server does not answer within 20 s or the connection breaks.
 */
export function send(origin: string, request: PlainRequest): Promise<PlainAnswer> {
  const url = new URL(request.path, origin);
  const secure = url.protocol === "https:";
  const payload = typeof request.body === "string" ? request.body : JSON.stringify(request.body);
  const headers: Record<string, string | number> = { "user-agent": DEFAULT_USER_AGENT, ...request.headers };
  if (request.body !== null) headers["content-length"] = Buffer.byteLength(payload);
  const options = { method: request.method, headers, timeout: TIMEOUT_MS, path: request.path };
  return new Promise((resolve, reject) => {
    const call = secure ? httpsRequest(url, options) : httpRequest(url, { ...options, agent });
    call.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: plainHeaders(response.headers),
          setCookie: response.headers["set-cookie"] ?? [],
          body: parseBody(Buffer.concat(chunks).toString("utf8")),
        });
      });
    });
    call.on("timeout", () => call.destroy(new Error(`no answer to ${request.method} ${url.pathname} in 20 s`)));
    call.on("error", reject);
    if (request.body !== null) call.write(payload);
    call.end();
  });
}

function plainHeaders(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]),
  );
}

function parseBody(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
