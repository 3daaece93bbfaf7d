import { z } from "../http/route.js";

const fieldOf = (min: number, max: number) =>
  z
    .string()
    .trim()
    .min(min, { message: `Slug field must be at least ${min} lowercase characters` })
    .max(max, { message: `Slug field must be at most ${max} lowercase characters` })
    .superRefine((value, context) => {
      if (/^[a-z0-9-]*$/.test(value)) return;
      const message = "Slug field can only contain lowercase letters, numbers, and hyphens";
      context.addIssue({ code: z.ZodIssueCode.custom, message });
    });

/** A project's slug: 5 to 36 lower-case letters, digits and hyphens. */
export const slugField = fieldOf(5, 36);

/** The slug of an environment or a tag: the same letters, 1 to 64 of them. */
export const shortSlugField = fieldOf(1, 64);
