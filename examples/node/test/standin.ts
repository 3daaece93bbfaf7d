/**
 * A small HTTP server on loopback that answers the requests of the SDK as Infisical does. It is no Infisical: it holds
 * values in memory and knows one identity. Statuses, error names and messages are those recorded from a real server.
 */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

export const CLIENT_ID = "11111111-2222-4333-8444-555555555555";
export const CLIENT_SECRET = "f".repeat(64);
export const PROJECT_ID = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
export const VALUES: Readonly<Record<string, string>> = {
  OPENAI_API_KEY: "sk-proj-0123456789abcdef",
  OPENAI_EMBED_MODEL: "text-embedding-3-large",
  OPENAI_LLM_MODEL: "gpt-4o-mini",
  QDRANT_URL: "http://localhost:6333",
};

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export function refusal(status: number, error: string, message: string): Answer {
  return { status, body: { reqId: "req-standin", statusCode: status, message, error } };
}

export const EXPIRED = refusal(403, "TokenError", "Your token has expired. Please re-authenticate.");
const FORBIDDEN = refusal(403, "PermissionDenied", "You are not allowed to describeSecret on secrets");

type Folder = Record<string, string>;

/** Its fields may be changed while it runs. */
export class Standin {
  folders: Record<string, Folder> = { "/": {}, "/openai-rag": { ...VALUES }, "/other": {} };
  allowed = new Set(["/openai-rag"]);
  imports: Folder[] = [];
  tokenTtl = 7200;
  readsPerToken = Number.POSITIVE_INFINITY;
  loginRefusal: Answer | undefined;
  readFault: Answer | undefined;
  hang = 0;
  hidden = false;
  html = false;
  readonly log: string[] = [];
  #port = 0;
  #server: Server | undefined;
  readonly #tokens = new Map<string, { goodUntil: number; reads: number }>();

  get host(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens, on the same port as before if it ran already. */
  async start(): Promise<this> {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server?.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }

  /** How many requests began with this, for instance "POST" or "GET /api/v3". */
  count(start: string): number {
    return this.log.filter((line) => line.startsWith(start)).length;
  }

  expireTokens(): void {
    for (const token of this.#tokens.values()) token.goodUntil = 0;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.host);
    this.log.push(`${request.method} ${request.url}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (this.hang > 0) await pause(this.hang, undefined, { ref: false });
    if (this.html) {
      response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>somebody else</title>");
      return;
    }
    const { status, body } = this.#answer(request, url, Buffer.concat(chunks).toString("utf8"));
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }

  #answer(request: IncomingMessage, url: URL, body: string): Answer {
    if (url.pathname === "/api/status") return { status: 200, body: { message: "Ok" } };
    if (request.method === "POST" && url.pathname === "/api/v1/auth/universal-auth/login") return this.#login(body);
    if (request.method === "GET" && url.pathname.startsWith("/api/v3/secrets/raw")) {
      const name = decodeURIComponent(url.pathname.slice("/api/v3/secrets/raw".length).replace(/^\//, ""));
      return this.#read(request.headers.authorization ?? "", url.searchParams, name);
    }
    const message = `Route ${request.method}:${url.pathname} not found`;
    return { status: 404, body: { message, error: "Not Found", statusCode: 404 } };
  }

  #login(body: string): Answer {
    if (this.loginRefusal) return this.loginRefusal;
    const { clientId, clientSecret } = JSON.parse(body) as Record<string, unknown>;
    if (clientId !== CLIENT_ID || clientSecret !== CLIENT_SECRET) {
      return refusal(401, "UnauthorizedError", "Invalid credentials");
    }
    const claims = { jti: this.#tokens.size, iat: 1_000, exp: 1_000 + this.tokenTtl };
    const token = `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.unsigned`;
    this.#tokens.set(token, { goodUntil: performance.now() + this.tokenTtl * 1000, reads: 0 });
    const life = { expiresIn: this.tokenTtl, accessTokenMaxTTL: this.tokenTtl };
    return { status: 200, body: { accessToken: token, ...life, tokenType: "Bearer" } };
  }

  #read(authorization: string, query: URLSearchParams, name: string): Answer {
    const token = this.#tokens.get(authorization.replace(/^Bearer /, ""));
    if (!token || performance.now() >= token.goodUntil || (token.reads += 1) > this.readsPerToken) return EXPIRED;
    if (this.readFault) return this.readFault;
    const [project, environment, path] = ["workspaceId", "environment", "secretPath"].map(
      (key) => query.get(key) ?? "",
    );
    if (project !== PROJECT_ID) {
      return refusal(404, "NotFound", `Project with ID '${project}' not found during bot lookup.`);
    }
    const folder = this.folders[path ?? ""];
    if (environment !== "dev" || !folder || path === undefined) {
      const where = `Folder with path '${path}' in environment '${environment}' was not found.`;
      return refusal(404, "SecretPathNotFound", where);
    }
    return name === "" ? this.#listed(path, folder) : this.#one(path, folder, name);
  }

  #listed(path: string, folder: Folder): Answer {
    const own = this.allowed.has(path) ? folder : {};
    const secrets = Object.entries(own).map(([key, value]) => this.#secret(key, value));
    const imports = this.imports.map((one) => ({
      secretPath: "/shared",
      environment: "dev",
      secrets: Object.entries(one).map(([key, value]) => this.#secret(key, value)),
    }));
    return { status: 200, body: { secrets, imports } };
  }

  #one(path: string, folder: Folder, name: string): Answer {
    if (!this.allowed.has(path)) return FORBIDDEN;
    const value = folder[name];
    if (value === undefined) return refusal(404, "NotFound", `Secret with name '${name}' not found`);
    return { status: 200, body: { secret: this.#secret(name, value) } };
  }

  #secret(key: string, value: string): Record<string, unknown> {
    const secretValue = this.hidden ? "<hidden-by-infisical>" : value;
    return { id: key, workspace: PROJECT_ID, secretKey: key, secretValue, secretValueHidden: this.hidden, version: 1 };
  }
}
