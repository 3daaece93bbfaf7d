import type { TestContext } from "node:test";
import { SecretsClient, type SecretsOptions } from "../src/secrets.js";
import type { Settings } from "../src/settings.js";
import { CLIENT_ID, CLIENT_SECRET, PROJECT_ID, Standin } from "./standin.js";

/** Milliseconds that pass only when the test says so. */
export class Clock {
  #now = 1_000_000;
  readonly now = (): number => this.#now;
  passBy(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

export interface World {
  readonly server: Standin;
  readonly clock: Clock;
  readonly warnings: string[];
  readonly settings: Settings;
  /** A client on the test's clock, closed at the end of the test. */
  client(options?: SecretsOptions, settings?: Partial<Settings>): SecretsClient;
}

/** A running stand-in and what belongs to it; all of it ends with the test. */
export async function world(test: TestContext): Promise<World> {
  const server = await new Standin().start();
  const clock = new Clock();
  const warnings: string[] = [];
  const settings: Settings = {
    host: server.host,
    projectId: PROJECT_ID,
    clientId: CLIENT_ID,
    clientSecret: () => CLIENT_SECRET,
    environment: "dev",
    path: "/openai-rag",
  };
  const made: SecretsClient[] = [];
  test.after(async () => {
    for (const client of made) await client.close();
    await server.stop();
  });
  return {
    server,
    clock,
    warnings,
    settings,
    client(options = {}, changes = {}) {
      const warn = (message: string): void => void warnings.push(message);
      const client = new SecretsClient({ ...settings, ...changes }, { now: clock.now, warn, ...options });
      made.push(client);
      return client;
    },
  };
}

/** Waits for a condition, and fails the test if it does not come true within 20 s. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error("the condition did not come true in time");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
