/**
 * The sidecar: reads one folder of Infisical every few seconds and serves it on a Unix socket.
 *
 *     node src/main.mjs
 *
 * Settings by environment (see README.md). Ends with 1 and one message when it cannot start or when the server refuses
 * the identity at the first read; a server that is away at the start is waited for. SIGTERM and SIGINT end it with 0.
 */
import { Folder } from "./infisical.mjs";
import { settingsFrom } from "./settings.mjs";
import { listen } from "./socket.mjs";
import { Values } from "./values.mjs";

/** @param {string} line */
const log = (line) => console.error(`${new Date().toISOString()} ${line}`);

async function main() {
  const settings = settingsFrom(process.env);
  const values = new Values(new Folder(settings), { ...settings, log });
  const stopped = new Promise((resolve) => {
    for (const signal of /** @type {const} */ (["SIGTERM", "SIGINT"])) process.once(signal, () => resolve(signal));
  });
  const close = await listen(settings.socket, values);
  log(`serving ${settings.environment}:${settings.path} of ${settings.host} on ${settings.socket}`);
  try {
    await values.readOnce();
    values.start();
    log(`ending after ${await stopped}`);
  } finally {
    await values.stop();
    await close();
  }
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);
