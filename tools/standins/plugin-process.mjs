// How a plugin process of Pulumi starts: listen on a free loopback port, print the port as the only line on stdout, serve
// until the engine ends the process.

import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Longest message that Pulumi's engine sends or takes: 400 MiB. */
const MESSAGE_LIMIT = 400 * 1024 * 1024;
const PARENT_CHECK_MILLISECONDS = 2000;

/** True when the module with this `import.meta.url` is what Node was started with, not imported by another one. */
export function isProgram(moduleUrl) {
  const started = process.argv[1];
  return started !== undefined && realpathSync(started) === realpathSync(fileURLToPath(moduleUrl));
}

/**
 * @param grpc the module `@grpc/grpc-js`
 * @param definition generated service definition
 * @param service implementation; what it leaves out is answered with UNIMPLEMENTED by the library
 * @returns the port that is served
 */
export async function serve(grpc, definition, service) {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": MESSAGE_LIMIT,
    "grpc.max_send_message_length": MESSAGE_LIMIT,
  });
  server.addService(definition, service);
  const port = await new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  process.stdout.write(`${port}\n`);
  leaveWithParent();
  return port;
}

/**
 * Ends this process when the engine is gone. A killed engine does not end its plugins; without this they would stay for ever.
 * @param isBusy work that is still running is let to its end, as the real plugins do
 */
export function leaveWithParent(isBusy = () => false) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent && !isBusy()) process.exit(0);
  }, PARENT_CHECK_MILLISECONDS).unref();
}
