import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { LOCAL } from "./places";
import { Phases } from "./phases";
import type { Workspace } from "./workspace";

const record = z.object({
  /** ISO times. */
  started: z.string(),
  ended: z.string(),
  finished: z.boolean(),
  phases: z.array(z.object({ name: z.string(), seconds: z.number() })),
  /** Plugins that were used and are not Pulumi's own. */
  standIns: z.array(z.string()),
});

/** When the last `up` of a stack ran, and what it did when. Names and times only. */
export type RunRecord = z.output<typeof record>;

const FOLDER = join(LOCAL, "logs");

/** Where it is noted when the last `up` of a stack ran. */
export function runRecordFile(stack: string): string {
  return join(FOLDER, `up.${stack}.json`);
}

/** Does the work of an `up`, names its phases on the screen, and notes its times, also when it fails. */
export async function recordUp<T>(
  { stack, standIns }: Pick<Workspace, "stack" | "standIns">,
  work: (phases: Phases) => Promise<T>,
): Promise<T> {
  const phases = new Phases("up");
  const started = new Date().toISOString();
  const write = (finished: boolean): void => {
    mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
    const content: RunRecord = { started, ended: new Date().toISOString(), finished, phases: phases.end(), standIns };
    writeFileSync(runRecordFile(stack), `${JSON.stringify(content, undefined, 2)}\n`);
  };
  try {
    const result = await work(phases);
    write(true);
    return result;
  } catch (thrown) {
    write(false);
    throw thrown;
  }
}

/** Nothing when there was no `up` on this machine, or its note cannot be read. */
export function readUp(stack: string): RunRecord | undefined {
  try {
    return record.parse(JSON.parse(readFileSync(runRecordFile(stack), "utf8")));
  } catch {
    return undefined;
  }
}
