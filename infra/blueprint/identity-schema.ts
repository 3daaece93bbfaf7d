import { z } from "zod";
import { grantPath, projectSlug, slug } from "./names";

/** Times are in seconds; 0 means "without limit" wherever it is allowed. */
const seconds = z.number().int().min(0);
const TEN_YEARS = 315_360_000;
const lifetime = seconds.max(TEN_YEARS, "at most ten years");

const grant = z.strictObject({
  project: projectSlug.optional().describe("Slug of the project; may be left out when there is one project only."),
  environment: z
    .union([slug, z.array(slug).min(1)], { error: "write the slug of an environment, or a list of them" })
    .describe("Slug of the environment, or a list of them."),
  path: grantPath.describe("The folder without its subfolders; with /** at its end, with them."),
  actions: z
    .array(z.enum(["read", "write"]))
    .min(1)
    .default(["read"])
    .describe("`write` is creating, changing and deleting secrets; it goes with `read`."),
  until: z.iso
    .datetime({ offset: true, error: "write a time such as 2027-01-31T18:00:00Z" })
    .optional()
    .describe("The grant ends then, by itself."),
  acknowledge: z.string().min(1).optional().describe("Why /** of a whole environment is meant; needed for that only."),
});

const token = z.strictObject({
  ttl: lifetime.min(1).default(7200).describe("Lifetime of an access token."),
  maxTtl: lifetime.min(1).default(7200).describe("How far renewals may stretch it; never below ttl."),
  uses: seconds.default(0).describe("How often a token may be used."),
  period: lifetime.default(0).describe("A token that is renewed within this time lives on."),
});

const clientSecret = z.strictObject({
  ttl: lifetime.default(0).describe("Lifetime of a client secret."),
  uses: seconds.default(0).describe("How many logins it is good for."),
  grace: lifetime
    .optional()
    .describe("How long the one before stays good after a rotation; never below token.ttl, which is the default."),
  rotateAfter: lifetime.min(3_600, "at least an hour").optional().describe("`up` rotates it when it is older."),
});

const lockout = z.strictObject({
  enabled: z.boolean().default(true),
  threshold: z.number().int().min(1).max(30).default(3).describe("Wrong client secrets until it is locked."),
  duration: z.number().int().min(30).max(86_400).default(300).describe("How long it is locked."),
  counterReset: z.number().int().min(5).max(3_600).default(30).describe("After this time wrong ones are forgotten."),
});

export const identitySchema = z.strictObject({
  token: token.prefault({}),
  clientSecret: clientSecret.prefault({}),
  lockout: lockout.prefault({}),
  trustedIps: z
    .array(z.string())
    .min(1)
    .default(["0.0.0.0/0", "::/0"])
    .describe("CIDR blocks from which the identity may log in. Narrower ones need a licence."),
  grants: z.array(grant).default([]),
});

export type WrittenIdentity = z.output<typeof identitySchema>;
export type WrittenGrant = z.output<typeof grant>;
