// One file over HTTPS: into a `.part` name, checked, then renamed, so that what has the final name is whole.
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const CONNECT_MILLISECONDS = 5000;
const STALL_MILLISECONDS = 30_000;

async function sha256Of(file) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/**
 * GET whose wait for the answer is short and whose body may take long, but not stall.
 * @returns the response, and `alive` to be called for each piece of the body
 */
async function open(url, headers, connect) {
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(new Error(`no answer from ${new URL(url).host}`)), connect);
  const stop = () => clearTimeout(timer);
  const alive = () => {
    stop();
    timer = setTimeout(() => abort.abort(new Error("the download stalled")), STALL_MILLISECONDS);
  };
  try {
    const response = await fetch(url, { headers, signal: abort.signal });
    alive();
    return { response, alive, stop };
  } catch (error) {
    stop();
    throw new Error(`${url}: ${error.cause?.message ?? error.message}`, { cause: error });
  }
}

/**
 * Text of a small file.
 * @param connect milliseconds to wait for the answer
 * @returns the text, or undefined when the server has no such file
 * @throws Error naming the address when it cannot be reached
 */
export async function readText(url, connect = CONNECT_MILLISECONDS) {
  const { response, stop } = await open(url, {}, connect);
  try {
    return response.ok ? await response.text() : undefined;
  } finally {
    stop();
  }
}

/**
 * Downloads a file; one that was left half-way goes on where it stopped, when there is a checksum to prove the result.
 * @param options `sha256` in hex or undefined, `onBytes` (gets received and total), `connect` in milliseconds
 * @throws Error naming the address: not reached, not found, stalled, or not what the checksum says
 */
export async function download(url, file, options = {}) {
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  const part = `${file}.part`;
  const have = options.sha256 ? (statSync(part, { throwIfNoEntry: false })?.size ?? 0) : 0;
  const headers = have > 0 ? { range: `bytes=${have}-` } : {};
  const { response, alive, stop } = await open(url, headers, options.connect ?? CONNECT_MILLISECONDS);
  try {
    const goesOn = response.status === 206;
    // 416: the part is as long as the file already; the checksum tells whether it is the file
    if (response.status !== 416) {
      if (!response.ok || response.body === null) throw new Error(`${url}: HTTP ${response.status}`);
      let received = goesOn ? have : 0;
      const total = received + Number(response.headers.get("content-length") ?? 0);
      const body = Readable.fromWeb(response.body).on("data", (piece) => {
        alive();
        received += piece.length;
        options.onBytes?.(received, total);
      });
      await pipeline(body, createWriteStream(part, { flags: goesOn ? "a" : "w" }));
    }
  } finally {
    stop();
  }
  if (options.sha256 && (await sha256Of(part)) !== options.sha256) {
    rmSync(part, { force: true });
    throw new Error(`${url}: the file does not have the published SHA-256 checksum; it was removed`);
  }
  renameSync(part, file);
}
