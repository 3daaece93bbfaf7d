import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { download, readText } from "../../../tools/setup/download.mjs";

const content = Buffer.alloc(100_000, "pulumi release ");
const sha256 = createHash("sha256").update(content).digest("hex");

let server: Server;
let folder: string;
let file: string;
let url: string;
let ranges: (string | undefined)[];

function answer(request: IncomingMessage, response: ServerResponse): void {
  ranges.push(request.headers.range);
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  if (request.url === "/never") return;
  if (request.url !== "/release") response.writeHead(404).end();
  else if (start >= content.length) response.writeHead(416).end();
  else response.writeHead(start > 0 ? 206 : 200).end(content.subarray(start));
}

beforeEach(async () => {
  ranges = [];
  folder = mkdtempSync(join(tmpdir(), "download-"));
  file = join(folder, "release");
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("download", () => {
  it("goes on where a killed one stopped, and leaves only the whole file", async () => {
    writeFileSync(`${file}.part`, content.subarray(0, 40_000));
    await download(`${url}/release`, file, { sha256 });
    expect(ranges).toEqual(["bytes=40000-"]);
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(existsSync(`${file}.part`)).toBe(false);
  });

  it("takes a part that is whole already", async () => {
    writeFileSync(`${file}.part`, content);
    await download(`${url}/release`, file, { sha256 });
    expect(readFileSync(file).equals(content)).toBe(true);
  });

  it("starts again when there is no checksum that could prove the joined file", async () => {
    writeFileSync(`${file}.part`, "rubbish");
    await download(`${url}/release`, file);
    expect(ranges).toEqual([undefined]);
    expect(readFileSync(file).equals(content)).toBe(true);
  });

  it("refuses a file with another checksum and removes it", async () => {
    writeFileSync(`${file}.part`, Buffer.alloc(40_000, "x"));
    await expect(download(`${url}/release`, file, { sha256 })).rejects.toThrow(/SHA-256/);
    expect(existsSync(file) || existsSync(`${file}.part`)).toBe(false);
    await download(`${url}/release`, file, { sha256 });
    expect(readFileSync(file).equals(content)).toBe(true);
  });

  it("names the address and the reason when there is nothing to be had", async () => {
    await expect(download(`${url}/gone`, file)).rejects.toThrow(`${url}/gone: HTTP 404`);
    await expect(download(`${url}/never`, file, { connect: 50 })).rejects.toThrow(/never: no answer from 127/);
    expect(existsSync(file)).toBe(false);
  });

  it("reads a small text, and tells a missing one from an unreachable server", async () => {
    await expect(readText(`${url}/release`)).resolves.toBe(content.toString());
    await expect(readText(`${url}/gone`)).resolves.toBeUndefined();
    await expect(readText("http://127.0.0.1:1/")).rejects.toThrow("http://127.0.0.1:1/");
  });
});
