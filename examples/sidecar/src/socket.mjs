import { createServer } from "node:http";
import { once } from "node:events";
import { lstatSync, statSync, unlinkSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";

/**
 * HTTP on a Unix socket that only this user may open (mode 0600).
 *
 *     GET /secrets                      every value as JSON; `?not=VERSION&wait=SECONDS` waits for a change
 *     GET /secrets/NAME                 one value as plain text, byte for byte
 *     GET /env                          NAME='value' lines for a shell
 *     GET /health                       {"ok","stale","ageSeconds","version","secrets","reason"}, no values
 *
 * Answers carry `x-secrets-age` (seconds), `x-secrets-stale` (true while the server is away) and `x-secrets-version`.
 * 503 with the reason when nothing may be served.
 *
 * @typedef {import("./values.mjs").Values} Values
 * @typedef {{status: number, type: string, body: string}} Reply
 */

/** The socket cannot be made; the message says why. */
export class SocketError extends Error {}

const LONGEST_WAIT = 60;
/** Names that a shell can hold; others are left out of /env. */
const SHELL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Listens; gives a function that ends it and removes the socket.
 * @param {string} path
 * @param {Values} values
 * @returns {Promise<() => Promise<void>>}
 */
export async function listen(path, values) {
  await makeWay(path);
  const server = createServer((request, response) => void serve(request, response, values));
  // The mask, not a chmod afterwards: there must be no moment at which the socket is open to others.
  const mask = process.umask(0o177);
  try {
    server.listen(path);
    await once(server, "listening");
  } catch (error) {
    throw new SocketError(`Cannot listen on '${path}': ${codeOf(error)}. The folder must exist and be writable.`);
  } finally {
    process.umask(mask);
  }
  return async () => {
    server.closeAllConnections();
    server.close(); // removes the socket file as well
    await once(server, "close");
  };
}

/**
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 * @param {Values} values
 */
async function serve(request, response, values) {
  const reply = await answer(request, values);
  const { age, stale, version } = values.state();
  response.writeHead(reply.status, {
    "content-type": reply.type,
    "cache-control": "no-store",
    "x-secrets-age": String(Math.round((age ?? 0) / 1000)),
    "x-secrets-stale": String(stale),
    "x-secrets-version": version,
  });
  response.end(reply.body);
}

/**
 * @param {import("node:http").IncomingMessage} request
 * @param {Values} values
 * @returns {Promise<Reply>}
 */
async function answer(request, values) {
  const target = request.url ?? "/";
  if (!URL.canParse(target, "http://sidecar")) return failure(400, "This is no path.");
  const url = new URL(target, "http://sidecar");
  if (request.method !== "GET") return failure(405, "Only GET is served here.");
  if (url.pathname === "/health") return health(values);
  const wait = Math.min(Number(url.searchParams.get("wait") ?? 0) || 0, LONGEST_WAIT);
  if (wait > 0) await values.changedFrom(url.searchParams.get("not") ?? "", wait * 1000);
  const { values: served, reason } = values.state();
  if (!served) return failure(503, `Nothing to serve: ${reason}`);
  if (url.pathname === "/secrets") return json(200, Object.fromEntries(served));
  if (url.pathname === "/env") return text(200, environmentLines(served));
  const name = /^\/secrets\/([^/]+)$/.exec(url.pathname)?.[1];
  if (name === undefined) return failure(404, "Ask for /secrets, /secrets/NAME, /env or /health.");
  const value = served.get(decoded(name));
  return value === undefined ? failure(404, `No secret of the name '${decoded(name)}' here.`) : text(200, value);
}

/**
 * @param {Values} values
 * @returns {Reply}
 */
function health(values) {
  const { values: served, age, stale, version, reason } = values.state();
  const ageSeconds = age === undefined ? null : Math.round(age / 1000);
  const report = { ok: served !== undefined, stale, ageSeconds, version, secrets: served?.size ?? 0, reason };
  return json(served ? 200 : 503, report);
}

/** @param {ReadonlyMap<string, string>} values */
function environmentLines(values) {
  return [...values]
    .filter(([name]) => SHELL_NAME.test(name))
    .map(([name, value]) => `${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join("");
}

/**
 * Removes a socket that nobody serves any more, and refuses everything else that is in the way.
 * @param {string} path
 */
async function makeWay(path) {
  const folder = statSync(dirname(path), { throwIfNoEntry: false });
  if (!folder?.isDirectory())
    throw new SocketError(`Cannot listen on '${path}': there is no folder '${dirname(path)}'.`);
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (!there) return;
  if (!there.isSocket()) throw new SocketError(`Cannot listen on '${path}': something that is no socket is there.`);
  const client = connect(path);
  const served = await Promise.race([
    once(client, "connect").then(() => true),
    once(client, "error").then(() => false),
  ]).catch(() => false);
  client.destroy();
  if (served) throw new SocketError(`Cannot listen on '${path}': another process serves it. End that one first.`);
  unlinkSync(path);
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * @param {number} status
 * @param {string} message
 */
const failure = (status, message) => json(status, { error: message });

/**
 * @param {number} status
 * @param {unknown} value
 * @returns {Reply}
 */
const json = (status, value) => ({ status, type: "application/json", body: `${JSON.stringify(value)}\n` });

/**
 * @param {number} status
 * @param {string} body
 * @returns {Reply}
 */
const text = (status, body) => ({ status, type: "text/plain; charset=utf-8", body });

/** @param {unknown} error */
const codeOf = (error) => (error instanceof Error && "code" in error ? error.code : String(error));
