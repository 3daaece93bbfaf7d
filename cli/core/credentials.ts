import { z } from "zod";
import { readStack } from "./state";
import type { Workspace } from "./workspace";

/** An identity's client secret as the stack's state has it; its value is not among it. */
export interface Credential {
  identity: string;
  generation: number;
  /** ISO time. */
  createdAt: string;
  /** Seconds that the one before stays good after a rotation. */
  grace: number;
  /** Seconds after which `up` rotates it; 0 = never. */
  rotateAfter: number;
  /** The one before, while it is good: until the ISO time `until`. */
  retiring: { generation: number; until: string }[];
  /** Whether the last run came to its end with it. */
  complete: boolean;
}

const outputs = z.object({
  generation: z.number(),
  createdAt: z.string(),
  grace: z.number(),
  rotateAfter: z.number(),
  retiring: z.array(z.object({ generation: z.number(), until: z.string() })),
  complete: z.boolean(),
});

const SUFFIX = "-client-secret";

/** The client secrets of all identities of the stack, by identity. */
export async function credentialsOf(workspace: Workspace): Promise<Map<string, Credential>> {
  const resources = await readStack(workspace);
  return new Map(
    resources
      .filter(({ type }) => type.endsWith("infisical:ClientSecret"))
      .flatMap(({ urn, outputs: found }) => {
        const identity = urn.slice(urn.lastIndexOf("::") + 2, -SUFFIX.length);
        const parsed = outputs.safeParse(found);
        return parsed.success ? [[identity, { identity, ...parsed.data }] as const] : [];
      }),
  );
}
