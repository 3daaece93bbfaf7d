import { readFileSync } from "node:fs";
import { z } from "zod";
import { Failure } from "./failure";
import { TOOLS_RECORD } from "./places";

const part = z.object({
  version: z.string().optional(),
  /** `stand-in` is what does not count as the real thing. */
  from: z.string(),
  path: z.string().optional(),
});

const record = z.object({
  parts: z.record(z.string(), part),
  path: z.array(z.string()),
  standInPath: z.array(z.string()),
  python: z.object({ path: z.string(), version: z.string() }).nullish(),
});

/** What `tools/setup.mjs` found or installed on this machine. */
export type Tools = z.output<typeof record>;

export function readTools(): Tools {
  try {
    return record.parse(JSON.parse(readFileSync(TOOLS_RECORD, "utf8")));
  } catch {
    throw new Failure("the tools are not set up. Start this by npm (`npm run ...`), which does that first.");
  }
}

/** Names of the parts that are stand-ins. */
export function standInsOf(tools: Tools): string[] {
  return Object.entries(tools.parts)
    .filter(([, { from }]) => from === "stand-in")
    .map(([name]) => name);
}
