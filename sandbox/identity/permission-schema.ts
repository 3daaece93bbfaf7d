import { z } from "../http/route.js";
import type { PermissionRule } from "../permission-rules.js";

/** Permissions in requests. Unknown operators of conditions are dropped in silence, as on the real server. */
const secretActions = z.enum(["read", "describeSecret", "readValue", "create", "edit", "delete"]);
const someOf = <Action extends z.ZodTypeAny>(action: Action): z.ZodUnion<[Action, z.ZodArray<Action>]> =>
  z.union([action, action.array()]);

const operators = z
  .object({ $eq: z.string(), $ne: z.string(), $in: z.string().array(), $all: z.string().array(), $glob: z.string() })
  .partial();
const condition = z.union([z.string(), operators]).optional();

const place = { environment: condition, secretPath: condition };
const secretConditions = z.object({ ...place, secretName: condition, secretTags: condition });
const placeConditions = z.object(place);
const inverted = z.boolean().optional();

const secrets = z.object({
  subject: z.literal("secrets"),
  action: someOf(secretActions),
  conditions: secretConditions.optional(),
  inverted,
});

const crud = z.enum(["read", "create", "edit", "delete"]);
const placed = <Subject extends string>(subject: Subject) =>
  z.object({
    subject: z.literal(subject),
    action: someOf(crud),
    conditions: placeConditions.optional(),
    inverted,
  });

/** Subjects that this sandbox does not look into: stored, answered and enforced without conditions. */
const plain = <Subject extends string>(subject: Subject) =>
  z.object({ subject: z.literal(subject), action: someOf(z.string()), inverted });

const PLAIN_SUBJECTS = `
  dynamic-secrets identity ssh-hosts pki-subscribers certificate-templates secret-rotation secret-syncs
  pki-syncs secret-event-subscriptions certificate-profiles certificate-policies certificate-authorities
  certificates secret-approval secret-rollback member groups role integrations webhooks service-tokens
  settings environments tags audit-logs insights ip-allowlist ssh-certificate-authorities ssh-certificates
  ssh-certificate-templates ssh-host-groups pki-alerts pki-collections certificate-inventory-views
  pki-discovery pki-certificate-installations code-signers workspace kms cmek kmip commits
  secret-scanning-data-sources secret-scanning-findings secret-scanning-configs app-connections hsm-connectors
  pam-folders pam-resources pam-domains pam-accounts pam-sessions pam-account-policies pam-discovery
  pam-insights mcp-endpoints mcp-servers mcp-activity-logs honey-tokens approval-requests
  approval-request-grants secret-approval-request project-folder-grant`
  .trim()
  .split(/\s+/);

/** In the recorded order, which the 422 of an unknown subject lists. */
const permission = z.discriminatedUnion("subject", [
  secrets,
  placed("secret-folders"),
  placed("secret-imports"),
  ...PLAIN_SUBJECTS.map(plain),
]);

/** `undefined` gives the server's own issue for a missing list. */
export const permissionsSchema = z
  .any()
  .refine((value) => value !== undefined)
  .pipe(permission.array())
  .transform(
    (list): PermissionRule[] => list.map((rule) => ({ ...rule, inverted: rule.inverted ?? false })) as PermissionRule[],
  );
