/**
 * Sets the password of the database's role inside the Postgres container. Started by the stack when the password is of
 * another generation; ROLE_CONTAINER (id) and ROLE_DOCKER_HOST come by environment, the password by standard input.
 *
 * It works through the container's own socket, for which no password is needed: so it can be repeated, and does not
 * depend on which one holds.
 */
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import type Docker from "dockerode";
import { messageOf } from "../api/fault";
import { dockerEngine } from "../docker-engine";
import { scramVerifier } from "./scram";

const PSQL = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-U", "infisical", "-d", "infisical"];
/** The server inside may have been started a moment ago. */
const ATTEMPTS = 30;
const PAUSE_MS = 1_000;

async function main(): Promise<void> {
  const password = (await text(process.stdin)).trim();
  if (!/^[A-Za-z0-9]+$/.test(password)) throw new Error("the password has to be letters and digits");
  const container = dockerEngine(process.env.ROLE_DOCKER_HOST).getContainer(process.env.ROLE_CONTAINER ?? "");
  const statement = `ALTER ROLE infisical PASSWORD '${scramVerifier(password)}';\n`;
  for (let attempt = 1; ; attempt += 1) {
    const { code, said } = await execute(container, PSQL, statement);
    if (code === 0) return console.error("the database's role has its new password");
    if (attempt === ATTEMPTS) throw new Error(`psql ended with ${code}: ${said.trim().split("\n").at(-1) ?? ""}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** Runs a command in a container; its input is on nobody's command line. */
async function execute(
  container: Docker.Container,
  command: string[],
  input: string,
): Promise<{ code: number; said: string }> {
  const options = { Cmd: command, AttachStdin: true, AttachStdout: true, AttachStderr: true };
  const run = await container.exec(options);
  const stream = await run.start({ hijack: true, stdin: true });
  const output = new PassThrough();
  container.modem.demuxStream(stream, output, output);
  stream.end(input);
  await finished(stream, { writable: false });
  output.end();
  const said = await text(output);
  return { code: (await run.inspect()).ExitCode ?? 1, said };
}

main().then(
  () => process.exit(0),
  (thrown: unknown) => {
    console.error(`the database's password was not set: ${messageOf(thrown)}`);
    process.exit(1);
  },
);
