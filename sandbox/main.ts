/** `node --import tsx sandbox/main.ts`: serves the sandbox until SIGTERM or SIGINT. Settings by environment only: README.md. */
import { createApp, SANDBOX_NAME } from "./http/app.js";
import { openSandbox, type Sandbox } from "./sandbox.js";
import { readSettings, StartRefused } from "./settings.js";

async function start(): Promise<void> {
  const settings = readSettings(process.env);
  const startedAt = performance.now();
  const sandbox = await openSandbox(settings);
  const app = await createApp(sandbox);
  stopOnSignal(() => app.close());
  try {
    const address = await app.listen({ host: settings.host, port: settings.port });
    console.log(banner(sandbox, address, performance.now() - startedAt));
  } catch (error) {
    await refuseToListen(error, sandbox, () => app.close());
  }
}

function banner(sandbox: Sandbox, address: string, ms: number): string {
  return [
    `${SANDBOX_NAME}. A stand-in for trying things out and for tests: put no real secrets into it.`,
    `Listening on ${address} after ${Math.round(ms)} ms, profile ${sandbox.profile.name}, ` +
      `data in ${sandbox.store.description}, markers in ${sandbox.cache.description}` +
      (sandbox.settings.faultsEnabled ? ", FAULTS CAN BE ORDERED (tests only)" : ""),
  ].join("\n");
}

/** The real server stays alive without listening when its port is taken; embedded, a clear end is more use. */
async function refuseToListen(error: unknown, sandbox: Sandbox, close: () => Promise<unknown>): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  if (sandbox.settings.storage.kind === "postgres") {
    console.error(`CRITICAL ERROR: Unhandled Promise Rejection. ${message}`);
    setInterval(() => undefined, 60_000);
    return;
  }
  await close();
  throw new StartRefused(`Cannot listen: ${message}. Choose another PORT, or stop what uses it.`, 1);
}

function stopOnSignal(close: () => Promise<unknown>): void {
  let isStopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (isStopping) return;
    isStopping = true;
    close().then(
      () => {
        console.log(`${signal}: closed`);
        process.exit(0);
      },
      (error: unknown) => {
        console.error(`${signal}: closing failed:`, error);
        process.exit(1);
      },
    );
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

start().catch((error: unknown) => {
  if (error instanceof StartRefused) {
    console.error(error.message);
    process.exit(error.exitCode);
  }
  console.error(error);
  process.exit(1);
});
