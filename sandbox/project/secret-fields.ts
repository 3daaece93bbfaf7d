import { z } from "../http/route.js";
import { notServed } from "../http/api-error.js";
import { askedPathField } from "./scoped-fields.js";

/** A secret's name as writes accept it; it is trimmed. */
export const secretName = z
  .string()
  .trim()
  .min(1)
  .superRefine((value, context) => {
    if (!/[:/]/.test(value)) return;
    const message = "Secret name cannot contain colon or forward slash.";
    context.addIssue({ code: z.ZodIssueCode.custom, message });
  });

const metadata = z.array(z.object({ key: z.string().trim().min(1).max(255), value: z.string().max(1020) }));

/** What a write may say about a secret beside its value. */
export const aboutSecret = {
  secretComment: z.string().trim().optional(),
  secretMetadata: metadata.optional(),
  tagIds: z.array(z.string()).optional(),
  skipMultilineEncoding: z.boolean().optional(),
};

/** Where a write goes. */
export const writePlace = {
  environment: z.string().trim(),
  secretPath: askedPathField,
  type: z.enum(["shared", "personal"]).default("shared"),
};

/** @throws ApiError 501: values of one person's own are not kept here. */
export function refusePersonal(type: "shared" | "personal"): void {
  if (type === "personal") throw notServed("a personal value of a secret");
}
