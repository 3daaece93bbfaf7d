import { EVERYTHING, type PermissionRule } from "./permission-rules.js";

/** The built-in roles of a project and of an organization. Roles of one's own need a licence. */
export interface Role {
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly rules: readonly PermissionRule[];
}

const CRUD = ["read", "create", "edit", "delete"] as const;
const grant = (actions: readonly string[], ...subjects: string[]): PermissionRule[] =>
  subjects.map((subject) => ({ subject, action: actions }));

/** Subjects that a viewer may read, beside secrets. Those that only other products use are left out. */
const READABLE = `
  secret-folders secret-imports secret-approval secret-rollback secret-rotation member groups role
  integrations webhooks identity service-tokens settings environments tags audit-logs ip-allowlist commits`
  .trim()
  .split(/\s+/);

const viewerRules: readonly PermissionRule[] = [
  ...grant(["describeSecret", "readValue"], "secrets"),
  ...grant(["read-root-credential"], "dynamic-secrets"),
  ...grant(["read"], ...READABLE),
];

/** Not recorded in full: from the product's documentation of the role. */
const memberRules: readonly PermissionRule[] = [
  ...grant(["describeSecret", "readValue", "create", "edit", "delete"], "secrets"),
  ...grant(CRUD, "secret-folders", "secret-imports", "integrations", "webhooks", "tags", "environments", "settings"),
  ...grant(["read", "create"], "secret-rollback", "member"),
  ...grant(["read"], "secret-approval", "secret-rotation", "groups", "role", "audit-logs", "ip-allowlist", "commits"),
  ...grant(CRUD, "service-tokens", "identity"),
];

export const projectRoles: readonly Role[] = [
  { slug: "admin", name: "Admin", description: "Full administrative access over a project", rules: [EVERYTHING] },
  { slug: "member", name: "Member", description: "Limited read/write role in a project", rules: memberRules },
  { slug: "viewer", name: "Viewer", description: "Only read role in a project", rules: viewerRules },
  { slug: "no-access", name: "No Access", description: "No access to any resources in the project", rules: [] },
];

export const organizationRoles: readonly Role[] = [
  { slug: "admin", name: "Admin", description: "Full administrative access to an organization", rules: [EVERYTHING] },
  {
    slug: "member",
    name: "Member",
    description: "Limited access to an organization",
    // Not recorded in full: from the product's documentation of the role.
    rules: [
      ...grant(["create"], "workspace"),
      ...grant(CRUD, "identity"),
      ...grant(["read"], "member", "groups", "role", "settings", "billing"),
    ],
  },
  { slug: "no-access", name: "No Access", description: "No access to any resources in the organization", rules: [] },
];

export const roleNamed = (roles: readonly Role[], slug: string): Role | undefined =>
  roles.find((role) => role.slug === slug);
