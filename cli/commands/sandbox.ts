import { readBackWithSdks } from "../core/consumers";
import { Failure } from "../core/failure";
import { recordUp } from "../core/run-record";
import { readStack } from "../core/state";
import { Stopwatch, summarize } from "../core/summary";
import { openWorkspace } from "../core/workspace";
import { bringUp } from "../core/bring-up";
import { tellNotices } from "./up";

/** The whole way on the sandbox: up, then both SDKs read the secrets back. */
export async function sandbox(stack: string): Promise<void> {
  const watch = new Stopwatch();
  const workspace = openWorkspace(stack);
  await recordUp(workspace, (phases) => bringUp(workspace, phases));
  const upSeconds = watch.seconds;
  const results = await readBackWithSdks(workspace);
  for (const result of results) console.log(result.line);
  const failed = results.filter(({ outcome }) => outcome === "failed").length;
  if (failed > 0)
    throw new Failure(`${failed} of the consumers could not read the secrets; their own words are above.`);
  await tellNotices(workspace);
  console.log(`note: real Infisical in Docker: npm run up. Take the sandbox down: npm run down -- --stack ${stack}`);
  summarize("sandbox", {
    stack,
    resources: (await readStack(workspace)).length,
    "consumers read back": results.filter(({ outcome }) => outcome === "read").length,
    "seconds up": upSeconds,
    seconds: watch.seconds,
  });
}
