import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../../cli/core/places";
import { freePort } from "../../support/free-port";
import { selfSignedCertificate } from "../../support/self-signed-certificate";

let behind: Server;
let door: ChildProcess | undefined;
const folder = mkdtempSync(join(tmpdir(), "front-door-"));
const seen: { headers: IncomingHttpHeaders; body: string }[] = [];

beforeAll(async () => {
  behind = createServer((incoming, outgoing) => {
    let body = "";
    incoming.on("data", (piece: Buffer) => (body += piece.toString()));
    incoming.once("end", () => {
      seen.push({ headers: incoming.headers, body });
      outgoing.writeHead(418, { "content-type": "application/json" }).end(JSON.stringify({ path: incoming.url }));
    });
  });
  behind.listen(0, "127.0.0.1");
  await once(behind, "listening");
});

afterEach(() => {
  door?.kill("SIGKILL");
});

afterAll(() => {
  behind.close();
  rmSync(folder, { recursive: true, force: true });
});

/** @returns its port. */
async function open(to: number, more: { [name: string]: string } = {}): Promise<number> {
  const port = await freePort();
  const env = { PATH: process.env.PATH, FRONT_TO: `http://127.0.0.1:${to}`, FRONT_PORT: String(port), ...more };
  door = spawn(process.execPath, [join(ROOT, "infra", "front", "main.mjs")], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (door.stdout !== null) await once(door.stdout, "data");
  return port;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

describe("the front door", () => {
  it("passes request and answer on as they are, and tells who called", async () => {
    const port = await open(portOf(behind));
    const answer = await fetch(`http://127.0.0.1:${port}/api/status?x=%20`, {
      method: "POST",
      body: "hello",
      headers: { "x-forwarded-for": "192.0.2.7", "x-forwarded-proto": "https" },
    });
    expect([answer.status, await answer.json()]).toEqual([418, { path: "/api/status?x=%20" }]);
    const { headers, body } = seen.at(-1) ?? { headers: {}, body: "" };
    expect(body).toBe("hello");
    expect(headers["x-forwarded-for"]).toMatch(/^192\.0\.2\.7, .*127\.0\.0\.1$/);
    expect(headers["x-forwarded-proto"]).toBe("http");
    expect(headers["x-forwarded-host"]).toBe(`127.0.0.1:${port}`);
  });

  it("answers 502 in JSON while the server behind is not there", async () => {
    const port = await open(await freePort());
    const answer = await fetch(`http://127.0.0.1:${port}/api/status`);
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ statusCode: 502 });
  });

  it("speaks HTTPS with the certificate that it is given, and nothing older than TLS 1.2", async () => {
    const { key, cert } = selfSignedCertificate();
    const [keyFile, certificateFile] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
    writeFileSync(keyFile, key, { mode: 0o600 });
    writeFileSync(certificateFile, cert);
    const port = await open(portOf(behind), { FRONT_CERTIFICATE: certificateFile, FRONT_KEY: keyFile });
    const ask = (options: object): Promise<number | string | undefined> =>
      new Promise((resolve) => {
        const call = httpsRequest(
          { host: "127.0.0.1", port, path: "/", rejectUnauthorized: false, ...options },
          (answer) => resolve(answer.resume().statusCode),
        );
        call.once("error", ({ message }) => resolve(message));
        call.end();
      });
    expect(await ask({})).toBe(418);
    expect(seen.at(-1)?.headers["x-forwarded-proto"]).toBe("https");
    expect(await ask({ minVersion: "TLSv1.1", maxVersion: "TLSv1.1" })).not.toBe(418);
  });
});
