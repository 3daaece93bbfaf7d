import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { objectsAt } from "../../infra/api/answer";
import { openSession, signUp } from "../../infra/api/administrator";
import { send, type Ask } from "../../infra/api/http";
import { createIdentity } from "../../infra/api/identities";
import { askAs, askWith, logIn, type Connection } from "../../infra/api/session";
import { attachUniversalAuth, createClientSecret } from "../../infra/api/universal-auth";
import { Failure } from "../core/failure";
import { ROOT } from "../core/places";

const LOGIN = { email: "bench@example.com", password: randomBytes(12).toString("hex") };
const AUTH = {
  accessTokenTTL: 86_400,
  accessTokenMaxTTL: 86_400,
  accessTokenNumUsesLimit: 0,
  accessTokenPeriod: 0,
  accessTokenTrustedIps: ["0.0.0.0/0", "::/0"],
  clientSecretTrustedIps: ["0.0.0.0/0", "::/0"],
  lockoutEnabled: true,
  lockoutThreshold: 3,
  lockoutDurationSeconds: 300,
  lockoutCounterResetSeconds: 30,
};

/** A sandbox (not Infisical) of the benchmark's own, with an identity that may do everything, and a request log. */
export class BenchServer {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly connection: Connection,
    readonly ask: Ask,
    /** Access token of the identity, good for a day. */
    readonly token: string,
    readonly organizationId: string,
  ) {}

  static async start(): Promise<BenchServer> {
    const port = await freePort();
    const child = spawn(process.execPath, ["--import", "tsx", "sandbox/main.ts"], {
      cwd: ROOT,
      stdio: ["ignore", "ignore", "inherit"],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        PORT: String(port),
        SANDBOX_DATA: "memory",
        SANDBOX_FAULTS: "1",
        SANDBOX_PERMISSION_DELAY_MS: "0",
        ENCRYPTION_KEY: randomBytes(16).toString("hex"),
        AUTH_SECRET: randomBytes(32).toString("base64"),
      },
    });
    const url = `http://127.0.0.1:${port}`;
    try {
      await untilReady(url, child);
      const { connection, organizationId } = await makeOperator(url);
      return new BenchServer(child, url, connection, askAs(connection), await logIn(connection), organizationId);
    } catch (thrown) {
      child.kill("SIGTERM");
      throw thrown;
    }
  }

  /** Requests that the server has received since the last call, such as `PATCH /api/v4/secrets/batch`. */
  async requests(): Promise<string[]> {
    const answer = await send(this.url, { method: "GET", path: "/__sandbox/requests" });
    await send(this.url, { method: "DELETE", path: "/__sandbox/requests" });
    return objectsAt(answer, "requests").map(({ method, path }) => `${String(method)} ${String(path)}`);
  }

  async countRequests(): Promise<number> {
    return (await this.requests()).length;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    await ended;
  }
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  for (let waited = 0; waited < 120_000; waited += 200) {
    if (child.exitCode !== null) throw new Failure("the sandbox of the benchmark ended at once; its words are above.");
    const ready = await send(url, { method: "GET", path: "/api/status", repeatable: false }).then(
      () => true,
      () => false,
    );
    if (ready) return;
    await pause(200);
  }
  throw new Failure("the sandbox of the benchmark does not answer within 2 min.");
}

async function makeOperator(url: string): Promise<{ connection: Connection; organizationId: string }> {
  await signUp(url, LOGIN);
  const session = await openSession(url, LOGIN);
  if (session === undefined) throw new Failure("the sandbox of the benchmark refuses its administrator.");
  const human = askWith(url, session);
  const { id } = await createIdentity(human, session.organizationId, { name: "bench", role: "admin", owner: "bench" });
  const { clientId } = await attachUniversalAuth(human, id, AUTH);
  const { clientSecret } = await createClientSecret(human, id, { description: "bench", ttl: 0, numUsesLimit: 0 });
  return { connection: { url, clientId, clientSecret }, organizationId: session.organizationId };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
