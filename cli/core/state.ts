import { z } from "zod";
import { askPulumi, stackExists } from "./pulumi";
import type { Workspace } from "./workspace";

const exported = z.object({
  deployment: z.object({
    resources: z
      .array(
        z.object({
          urn: z.string(),
          type: z.string(),
          id: z.string().optional(),
          protect: z.boolean().optional(),
          inputs: z.record(z.string(), z.unknown()).optional(),
          outputs: z.record(z.string(), z.unknown()).optional(),
        }),
      )
      .optional(),
    pending_operations: z.array(z.object({ type: z.string(), resource: z.object({ urn: z.string() }) })).optional(),
  }),
});

export type StackResource = NonNullable<z.output<typeof exported>["deployment"]["resources"]>[number];

/** The resources in the stack's state, secrets left encrypted; none when there is no such stack. */
export async function readStack(workspace: Workspace): Promise<StackResource[]> {
  if (!(await stackExists(workspace))) return [];
  const { stdout } = await askPulumi(workspace, ["stack", "export"]);
  const { resources = [] } = exported.parse(JSON.parse(stdout)).deployment;
  // Providers are the engine's own bookkeeping.
  return resources.filter(({ type }) => !type.startsWith("pulumi:providers:"));
}
