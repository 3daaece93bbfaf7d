import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";

/** A request as it came in. */
export interface Received {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  /** Parsed JSON; nothing when there was no body. */
  body: unknown;
}

/** What is sent back; `hang up` drops the connection, `silence` keeps it open without a word. */
export type Reply =
  | { status?: number; json: unknown; headers?: { [name: string]: string } }
  | { status?: number; text: string; headers?: { [name: string]: string } }
  | "hang up"
  | "silence";

export interface TestServer {
  url: string;
  /** All requests so far, oldest first. */
  received: Received[];
}

const open = new Set<Server>();

/** Ends what a test has started. */
afterEach(async () => {
  const closing = [...open].map(
    (server) =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  open.clear();
  await Promise.all(closing);
});

/** A real HTTP server on a free loopback port, until the end of the test. */
export async function serve(answer: (request: Received) => Reply | Promise<Reply>): Promise<TestServer> {
  const received: Received[] = [];
  const listener: RequestListener = (request, response) => {
    void (async () => {
      const seen = await readRequest(request);
      received.push(seen);
      send(response, await answer(seen));
    })();
  };
  return { url: `http://127.0.0.1:${await listen(createServer(listener))}`, received };
}

/** Listens on a free loopback port, until the end of the test. @returns the port. */
export async function listen(server: Server): Promise<number> {
  open.add(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function readRequest(request: IncomingMessage): Promise<Received> {
  let text = "";
  for await (const piece of request) text += String(piece);
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://any");
  const body: unknown = text === "" ? undefined : JSON.parse(text);
  return { method: request.method ?? "", path: pathname, query: searchParams, headers: request.headers, body };
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply === "silence") return;
  if (reply === "hang up") {
    response.destroy();
    return;
  }
  const json = "json" in reply;
  response.writeHead(reply.status ?? 200, {
    "content-type": json ? "application/json" : "text/html",
    ...reply.headers,
  });
  response.end(json ? JSON.stringify(reply.json) : reply.text);
}
