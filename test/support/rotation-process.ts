import { text } from "node:stream/consumers";
import { rotateCredential, type RotationOptions } from "../../cli/commands/rotate";
import type { Workspace } from "../../cli/core/workspace";

/** One rotation as a process of its own, which a test can kill: {workspace, identity, options} come by standard input. */
async function main(): Promise<void> {
  const wanted = JSON.parse(await text(process.stdin)) as {
    workspace: Workspace;
    identity: string;
    options: RotationOptions;
  };
  await rotateCredential(wanted.workspace, wanted.identity, wanted.options);
}

void main();
