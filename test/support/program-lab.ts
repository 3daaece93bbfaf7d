import { ProgramEngine, type Recorded, type RunResult } from "./program-engine";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { limits } from "../../infra/api/http";
import { takeCensus, type Census } from "./census";
import { sandboxFolder } from "../../cli/core/sandbox-process";
import { openSandboxHere, type OpenSandbox } from "./open-sandbox";
import { Wire } from "./wire";

/** The administrator of the lab's server. */
export const ADMINISTRATOR = { email: "admin@example.com", password: "a password of the lab" };

/** What the lab's configuration has for the blueprint's one secret. */
export const API_KEY = "sk-of-the-lab";

/** The whole program against a sandbox, all in this process: where tables of hundreds of cases are made. */
export class ProgramLab {
  private constructor(
    readonly server: OpenSandbox,
    readonly wire: Wire,
    readonly engine: ProgramEngine,
    /** Where the stack's sandbox would have its data. */
    private readonly folder: string,
  ) {}

  /** @param environment further settings of the sandbox. */
  static async open(environment: { [name: string]: string } = {}): Promise<ProgramLab> {
    // Nobody waits here for a server that is down on purpose.
    Object.assign(limits, { answerWithin: 5_000, giveUpAfter: 300, firstPause: 10, longestPause: 2_000 });
    const server = await openSandboxHere(environment);
    const { default: program } = (await import("../../infra/index.js")) as unknown as {
      default: () => Promise<pulumi.Inputs>;
    };
    const config = {
      target: "sandbox",
      "server.port": String(server.port),
      "admin.password": ADMINISTRATOR.password,
      OPENAI_API_KEY: API_KEY,
    };
    const stack = `lab-${process.pid}`;
    const secrets = ["admin.password", "OPENAI_API_KEY"];
    const engine = new ProgramEngine(program, config, secrets, stack);
    const folder = sandboxFolder(stack);
    // The program lets be what it does not know; this tells it that the sandbox on that port is the stack's own.
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "lock.json"), JSON.stringify({ pid: process.pid, port: server.port }));
    return new ProgramLab(server, new Wire(), engine, folder);
  }

  /** A server that nobody has set up, and a stack that has nothing. */
  async begin(): Promise<void> {
    await this.wire.heal();
    await this.server.empty();
    this.engine.restore(new Map<string, Recorded>());
  }

  /** As `npm run up` on a server that answers. */
  async upAgain(): Promise<RunResult> {
    const read = await this.engine.refresh();
    return read.ended === "done" ? this.engine.up() : read;
  }

  census(): Promise<Census> {
    return takeCensus(this.server.url, ADMINISTRATOR);
  }

  async close(): Promise<void> {
    this.wire.close();
    await this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
