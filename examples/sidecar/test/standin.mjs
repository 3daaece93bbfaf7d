/**
 * Answers on loopback the three requests of the sidecar as Infisical does; it is no Infisical. Statuses, error names and
 * messages are those recorded from a real server.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

export const CREDENTIALS = { clientId: "11111111-2222-4333-8444-555555555555", clientSecret: "f".repeat(64) };
export const PROJECT_ID = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

const refusal = (status, error, message) => ({ status, body: { statusCode: status, error, message } });

export class Standin {
  values = { OPENAI_API_KEY: "sk-proj-0123456789abcdef", QDRANT_URL: "http://localhost:6333" };
  imports = [];
  allowed = true;
  fault;
  hang = 0;
  log = [];
  #tokens = new Set();
  #server;
  #port = 0;

  get host() {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = this.#server.address().port;
    return this;
  }

  async stop() {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  expireTokens() {
    this.#tokens.clear();
  }

  /** Statuses given to requests of this method, in order. */
  statuses(method) {
    return this.log.filter((line) => line.startsWith(method)).map((line) => Number(line.split(" ")[1]));
  }

  async #serve(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    if (this.hang) await new Promise((resolve) => setTimeout(resolve, this.hang).unref());
    const answer = this.#answer(request, Buffer.concat(chunks).toString("utf8"));
    const body = JSON.stringify(answer.body);
    const etag = `"${createHash("sha1").update(body).digest("base64")}"`;
    const known = answer.status === 200 && request.headers["if-none-match"] === etag;
    this.log.push(`${request.method} ${known ? 304 : answer.status}`);
    if (known) response.writeHead(304, { etag }).end();
    else response.writeHead(answer.status, { "content-type": "application/json", etag }).end(body);
  }

  #answer(request, body) {
    if (this.fault) return this.fault;
    if (request.method === "POST") {
      const { clientId, clientSecret } = JSON.parse(body);
      if (clientId !== CREDENTIALS.clientId || clientSecret !== CREDENTIALS.clientSecret) {
        return refusal(401, "UnauthorizedError", "Invalid credentials");
      }
      const accessToken = `token-${this.log.length}`;
      this.#tokens.add(accessToken);
      return { status: 200, body: { accessToken, expiresIn: 7200, accessTokenMaxTTL: 7200, tokenType: "Bearer" } };
    }
    if (!this.#tokens.has(request.headers.authorization?.slice("Bearer ".length))) {
      return refusal(403, "TokenError", "Your token has expired. Please re-authenticate.");
    }
    const name = new URL(request.url, this.host).pathname.split("/")[5];
    if (name && !this.allowed)
      return refusal(403, "PermissionDenied", "You are not allowed to describeSecret on secrets");
    if (name) return refusal(404, "NotFound", `Secret with name '${name}' not found`);
    const listed = (folder) => Object.entries(folder).map(([secretKey, secretValue]) => ({ secretKey, secretValue }));
    const imports = this.imports.map((folder) => ({ secretPath: "/shared", secrets: listed(folder) }));
    return { status: 200, body: { secrets: this.allowed ? listed(this.values) : [], imports } };
  }
}

export const revoked = refusal(401, "UnauthorizedError", "Invalid credentials");
export const broken = refusal(500, "InternalServerError", "Something went wrong");
