import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, STACKS_FOLDER } from "../../cli/core/places";
import { ROLE_LABEL, STACK_LABEL } from "../../infra/labels";
import { describeOnDocker } from "../support/docker";
import { freePort } from "../support/free-port";
import { recordNotRun } from "../support/not-run";
import { DeadEnd, namespaceObstacle, Outside, OUTSIDE_ADDRESS, OUTSIDE_PORT } from "../support/outside";
import { selfSignedCertificate } from "../support/self-signed-certificate";
import { TestStack } from "../support/stack";

const obstacle = namespaceObstacle();
const IMAGE = "infisical/infisical:v0.159.22";

/** Tries a connection, then a name, and ends in any case. */
const TRY = `
  const socket = require("node:net").connect({ host: "${OUTSIDE_ADDRESS}", port: ${OUTSIDE_PORT}, timeout: 2000 });
  const done = (what) => { console.log(what); process.exit(0); };
  socket.once("connect", () => done("connected")).once("error", () => done("refused")).once("timeout", () => done("nothing"));
`;

function unlessObstructed(title: string, suite: () => void): void {
  if (obstacle === undefined) return suite();
  recordNotRun(title, obstacle);
  describe.skip(`${title} (not run: ${obstacle})`, suite);
}

unlessObstructed("a stack on the sandbox", () => {
  describe("a stack on the sandbox, from up to down", () => {
    const name = `t${randomBytes(4).toString("hex")}`;
    let deadEnd: DeadEnd | undefined;

    beforeAll(async () => {
      deadEnd = DeadEnd.open(name);
      mkdirSync(STACKS_FOLDER, { recursive: true, mode: 0o700 });
      const config = `config:\n  infisical:target: sandbox\n  infisical:server.port: "${await freePort()}"\n`;
      writeFileSync(join(STACKS_FOLDER, `Pulumi.${name}.yaml`), config, { mode: 0o600 });
    });
    afterAll(() => {
      deadEnd?.close();
      rmSync(join(STACKS_FOLDER, `Pulumi.${name}.yaml`), { force: true });
    });

    const attempts = (): number => deadEnd?.attempts() ?? Number.NaN;
    const inside = async (...words: string[]): Promise<string> => {
      if (deadEnd === undefined) throw new Error("there is no namespace");
      const [program, args] = deadEnd.command(process.execPath, ...words);
      const { PULUMI_BACKEND_URL: _own, PULUMI_ACCESS_TOKEN: _token, ...env } = process.env;
      return (await promisify(execFile)(program, args, { cwd: ROOT, env, maxBuffer: 16 << 20 })).stdout;
    };

    it("counts an attempt when there is one", async () => {
      const before = attempts();
      await inside(
        "-e",
        `require("node:dgram").createSocket("udp4").send("x", 9, "203.0.113.9", () => process.exit(0))`,
      );
      expect(attempts()).toBe(before + 1);
    });

    it("sends not one packet out of the machine, and the SDKs read the secrets", async () => {
      const before = attempts();
      const cli = ["--import", "tsx", join("cli", "main.ts")];
      try {
        expect(await inside(...cli, "sandbox", "--stack", name)).toMatch(/consumers read back [12]/);
      } finally {
        await inside(...cli, "down", "--stack", name);
      }
      expect(attempts()).toBe(before);
    });
  });
});

describeOnDocker("a server without a way out, with HTTPS of its own", (engine) => {
  let stack: TestStack;
  let outside: Outside | undefined;
  const folder = mkdtempSync(join(tmpdir(), "certificate-"));
  const { key, cert } = selfSignedCertificate();

  beforeAll(async () => {
    writeFileSync(join(folder, "key.pem"), key, { mode: 0o600 });
    writeFileSync(join(folder, "certificate.pem"), cert);
    if (obstacle === undefined) outside = await Outside.open();
    const env = { NODE_EXTRA_CA_CERTS: join(folder, "certificate.pem") };
    stack = await TestStack.open({
      target: "docker",
      env,
      config: { "server.egress": "false", "server.profile": "small", "server.readOnlyRoot": "true" },
    });
    stack.configure({
      "server.siteUrl": `https://localhost:${stack.port}`,
      "tls.mode": "own",
      "tls.certificateFile": join(folder, "certificate.pem"),
      "tls.keyFile": join(folder, "key.pem"),
    });
    await stack.up();
  });
  afterAll(async () => {
    await stack.dispose();
    await outside?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is reached by its port only, over HTTPS", async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const call = request({ host: "localhost", port: stack.port, path: "/api/status", ca: cert }, (answer) =>
        resolve(answer.resume().statusCode),
      );
      call.once("error", reject).end();
    });
    expect(status).toBe(200);
    const containers = await engine.listContainers({ filters: { label: [`${STACK_LABEL}=${stack.name}`] } });
    const published = containers.filter(({ Ports }) => Ports.some(({ PublicPort }) => PublicPort !== undefined));
    expect(published.map(({ Labels }) => Labels[ROLE_LABEL])).toEqual(["front"]);
  });

  it("runs on a root file system that it cannot write to, but for what its start writes", async () => {
    const filters = { label: [`${STACK_LABEL}=${stack.name}`, `${ROLE_LABEL}=infisical`] };
    const [listed] = await engine.listContainers({ filters });
    const server = await engine.getContainer(listed?.Id ?? "").inspect();
    expect(server.HostConfig.ReadonlyRootfs).toBe(true);
    const writable = server.Mounts.map(({ Destination }) => Destination).sort();
    expect(writable).toEqual(["/backend/frontend-build", "/etc/ssl/certs"]);
  });

  it("changes nothing in a second run, also after a refresh", async () => {
    await stack.must(["preview", "--refresh", "--expect-no-changes"]);
  });

  it.skipIf(obstacle !== undefined)("gets nothing out, while a container of another network does", async () => {
    const control = await runIn(engine, undefined);
    expect([control, outside?.arrived()]).toEqual(["connected", ["tcp"]]);
    outside?.forget();
    const networks = await engine.listNetworks({ filters: { label: [`${STACK_LABEL}=${stack.name}`] } });
    const inner = networks.find(({ Labels }) => Labels?.[ROLE_LABEL] === "inner");
    expect(await runIn(engine, inner?.Name)).not.toBe("connected");
    expect(outside?.arrived()).toEqual([]);
  });
});

/** What a container on this network makes of the attempt; nothing = Docker's own network. */
async function runIn(engine: Docker, network: string | undefined): Promise<string> {
  const container = await engine.createContainer({
    Image: IMAGE,
    Entrypoint: ["node", "-e", TRY],
    Tty: true,
    ...(network === undefined ? {} : { HostConfig: { NetworkMode: network } }),
  });
  try {
    await container.start();
    await container.wait();
    return (await container.logs({ stdout: true })).toString().trim();
  } finally {
    await container.remove({ force: true });
  }
}
