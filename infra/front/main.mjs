// The front door: the only container that can be reached from outside, when the server has no way out or the port speaks
// HTTPS. It passes requests on to the server, and knows no key and no password but that of its own certificate.
// Settings: FRONT_TO (address of the server), FRONT_PORT, and for HTTPS FRONT_CERTIFICATE and FRONT_KEY (files).
import { readFileSync } from "node:fs";
import { Agent, createServer, request } from "node:http";
import { createServer as createTlsServer } from "node:https";

const { FRONT_TO = "http://infisical:8080", FRONT_PORT = "8080", FRONT_CERTIFICATE, FRONT_KEY } = process.env;
const PATIENCE_MILLISECONDS = 120_000;
const target = new URL(FRONT_TO);
const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const scheme = FRONT_CERTIFICATE ? "https" : "http";

/** Headers that are about one connection and not about the request. */
const OF_THE_CONNECTION = ["connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade"];

function passed(headers) {
  const named = String(headers.connection ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase());
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !OF_THE_CONNECTION.includes(name) && !named.includes(name)),
  );
}

/** What callers say about themselves in these headers is kept behind their own address: the server decides whom it believes. */
function forwarded(incoming) {
  const before = incoming.headers["x-forwarded-for"];
  const caller = incoming.socket.remoteAddress ?? "unknown";
  return {
    ...passed(incoming.headers),
    "x-forwarded-for": before === undefined ? caller : `${before}, ${caller}`,
    "x-forwarded-proto": scheme,
    "x-forwarded-host": incoming.headers.host ?? "",
  };
}

function serve(incoming, outgoing) {
  const onward = request({
    agent,
    host: target.hostname,
    port: target.port,
    method: incoming.method,
    path: incoming.url,
    headers: forwarded(incoming),
    timeout: PATIENCE_MILLISECONDS,
  });
  onward.once("response", (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, passed(answer.headers));
    answer.once("error", () => outgoing.destroy());
    answer.pipe(outgoing);
  });
  onward.once("timeout", () => onward.destroy(new Error("no answer in time")));
  onward.on("error", (error) => {
    if (outgoing.headersSent) return outgoing.destroy();
    outgoing.writeHead(502, { "content-type": "application/json" });
    outgoing.end(
      JSON.stringify({ statusCode: 502, message: `the server behind is not reached (${error.code ?? error.message})` }),
    );
  });
  outgoing.once("close", () => onward.destroy());
  incoming.pipe(onward);
}

const server = FRONT_CERTIFICATE
  ? createTlsServer(
      { cert: readFileSync(FRONT_CERTIFICATE), key: readFileSync(FRONT_KEY), minVersion: "TLSv1.2" },
      serve,
    )
  : createServer(serve);

server.listen(Number(FRONT_PORT), () => console.log(`front door: ${scheme} on port ${FRONT_PORT}, on to ${FRONT_TO}`));

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
