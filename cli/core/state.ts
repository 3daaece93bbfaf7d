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
          /** ISO times: when it was made, and when it was last changed. */
          created: z.string().optional(),
          modified: z.string().optional(),
          inputs: z.record(z.string(), z.unknown()).optional(),
          outputs: z.record(z.string(), z.unknown()).optional(),
        }),
      )
      .optional(),
    pending_operations: z.array(z.object({ type: z.string(), resource: z.object({ urn: z.string() }) })).optional(),
  }),
});

export type StackResource = NonNullable<z.output<typeof exported>["deployment"]["resources"]>[number];

/** What a stack's state holds. */
export interface StackState {
  /** With the engine's own bookkeeping, such as the providers. */
  resources: StackResource[];
  /** What a run that was killed was doing: `creating <urn>` and the like; what became of it is not known. */
  pending: string[];
}

/** The stack's state, secrets left encrypted; empty when there is no such stack. */
export async function readState(workspace: Workspace): Promise<StackState> {
  if (!(await stackExists(workspace))) return { resources: [], pending: [] };
  const { stdout } = await askPulumi(workspace, ["stack", "export"]);
  const { resources, pending_operations: pending } = exported.parse(JSON.parse(stdout)).deployment;
  return {
    resources: resources ?? [],
    pending: (pending ?? []).map(({ type, resource }) => `${type} ${resource.urn}`),
  };
}

/** The resources in the stack's state, secrets left encrypted; none when there is no such stack. */
export async function readStack(workspace: Workspace): Promise<StackResource[]> {
  return withoutProviders((await readState(workspace)).resources);
}

/** Providers are the engine's own bookkeeping. */
export function withoutProviders(resources: StackResource[]): StackResource[] {
  return resources.filter(({ type }) => !type.startsWith("pulumi:providers:"));
}
