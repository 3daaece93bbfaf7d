import type { Readable } from "node:stream";
import { PassThrough } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import type Docker from "dockerode";
import { containerWith } from "../../../infra/docker-engine";
import { labelsOf } from "../../../infra/labels";
import { Failure } from "../failure";

export type Role = "infisical" | "postgres" | "redis";

/** The container of a stack that has this role; nothing when there is none. */
export function containerOf(engine: Docker, stack: string, role: Role): Promise<Docker.Container | undefined> {
  return containerWith(engine, labelsOf(stack, role));
}

/** {@link containerOf}. @throws Failure when there is none, or it does not run. */
export async function runningContainer(engine: Docker, stack: string, role: Role): Promise<Docker.Container> {
  const container = await containerOf(engine, stack, role);
  const state = container === undefined ? "is not there" : (await container.inspect()).State.Status;
  if (container !== undefined && state === "running") return container;
  throw new Failure(`the container ${role} of the stack "${stack}" ${state}; bring it up first: npm run up`);
}

/** Stops a container; one that is stopped already is fine. */
export async function halt(container: Docker.Container | undefined): Promise<void> {
  try {
    await container?.stop({ t: 20 });
  } catch (thrown) {
    if ((thrown as { statusCode?: number }).statusCode !== 304) throw thrown;
  }
}

export interface ExecOptions {
  /** Standard input of the command; none when left out. */
  input?: Readable;
  /** Gets standard output piece by piece; collected as a text when left out. */
  take?: (output: Readable) => Promise<void>;
}

/**
 * Runs a shell line in a container. Secrets come from the container's own environment (`$POSTGRES_PASSWORD`), so none
 * is in an argument.
 *
 * @returns standard output, empty when `take` has it.
 * @throws Failure with the last lines of standard error when the command does not end well.
 */
export async function execIn(container: Docker.Container, line: string, options: ExecOptions = {}): Promise<string> {
  const stdin = options.input !== undefined;
  const exec = await container.exec({
    Cmd: ["sh", "-c", line],
    AttachStdin: stdin,
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream = await exec.start({ hijack: true, stdin });
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  container.modem.demuxStream(stream, stdout, stderr);
  const over = finished(stream, { writable: false }).finally(() => {
    stdout.end();
    stderr.end();
  });
  const fed = options.input === undefined ? undefined : pipeline(options.input, stream, { end: true });
  const [output, said, , input] = await Promise.allSettled([
    options.take === undefined ? textOf(stdout) : options.take(stdout).then(() => ""),
    textOf(stderr),
    over,
    fed,
  ]);
  const { ExitCode } = await exec.inspect();
  if (ExitCode !== 0) {
    const last = said.status === "fulfilled" ? said.value.trim().split("\n").slice(-5).join("\n") : "";
    throw new Failure(
      `\`${line.split(" ").find((word) => !word.includes("=")) ?? line}\` in the container did not end well (exit code ${String(ExitCode)}):\n${last}`,
    );
  }
  if (output.status === "rejected") throw output.reason;
  if (input.status === "rejected") throw input.reason;
  return output.value;
}

async function textOf(stream: Readable): Promise<string> {
  let text = "";
  for await (const piece of stream) text += String(piece);
  return text;
}
