import { messageOf } from "../../infra/api/fault";
import { bringUp } from "../../cli/core/bring-up";
import { mend } from "../../cli/core/mend";
import { runPulumi } from "../../cli/core/pulumi";
import type { Workspace } from "../../cli/core/workspace";
import { untilDone } from "../../cli/core/until-done";

/**
 * What `npm run up` and `npm run down` do, for a stack of a test, in a process of its own: so it starts as they do, and
 * what it prints is nobody else's. Arguments: `up` or `down`; the workspace comes as JSON on stdin, never on argv.
 */
async function main(): Promise<void> {
  let text = "";
  for await (const piece of process.stdin) text += String(piece);
  const workspace = JSON.parse(text) as Workspace;
  if (process.argv[2] === "up") return bringUp(workspace);
  await mend(workspace, { goingDown: true });
  process.exitCode = await runPulumi(workspace, ["destroy", "--yes"]);
}

untilDone(main).catch((thrown: unknown) => {
  console.error(messageOf(thrown));
  process.exitCode = 1;
});
