import { z } from "../http/route.js";
import { normalPath } from "./secret-path.js";

/** What a version of a route calls the project's id. */
export type ProjectField = "projectId" | "workspaceId";

/** A folder's path; any writing of it is brought into the stored form. */
export const pathField = z.string().trim().default("/").transform(normalPath);

/**
 * The path of the secrets routes: only one slash at the end is taken off, the rest is echoed and met by permission rules
 * as it was asked for (exchanges 600-606). Folders are found by any writing of it.
 */
export const askedPathField = z
  .string()
  .trim()
  .default("/")
  .transform((path) => path.replace(/\/$/, "") || "/");

const truth = (fallback: "true" | "false") =>
  z
    .enum(["true", "false"])
    .default(fallback)
    .transform((value) => value === "true");

/** A switch in a query: only the words "true" and "false". */
export const onFlag = truth("true");
export const offFlag = truth("false");

type WithProject<Shape extends z.ZodRawShape> = z.objectOutputType<Shape & { projectId: z.ZodString }, z.ZodTypeAny>;

/** An object of these fields and the project's id under the version's name; read it as `projectId` in any case. */
export function scoped<Shape extends z.ZodRawShape>(
  project: ProjectField,
  shape: Shape,
): z.ZodType<WithProject<Shape>, z.ZodTypeDef, unknown> {
  const schema = z
    .object({ [project]: z.string(), ...shape })
    .transform(({ [project]: projectId, ...rest }) => ({ ...rest, projectId }));
  return schema as unknown as z.ZodType<WithProject<Shape>, z.ZodTypeDef, unknown>;
}
