import { addAccessTokenRoutes } from "./access-tokens.js";
import { addAdminRoutes } from "./admin.js";
import { addClientSecretRoutes } from "./client-secrets.js";
import { addIdentityRoutes } from "./identities.js";
import type { RouteFile } from "./route-file.js";
import { addOrganizationAdminRoutes } from "./organization-admin.js";
import { addOrganizationRoutes } from "./organizations.js";
import { addPasswordLoginRoutes } from "./password-login.js";
import { addOldPrivilegeRoutes } from "./privileges-v1.js";
import { addPrivilegeRoutes } from "./privileges.js";
import { addProjectIdentityRoutes } from "./project-identities.js";
import { addProjectIdentityMembershipRoutes } from "./project-identity-memberships.js";
import { addProjectRoleRoutes } from "./project-roles.js";
import { addProjectUserMembershipRoutes } from "./project-user-memberships.js";
import { addStatusRoutes } from "./status.js";
import { addTokenAuthRoutes } from "./token-auth.js";
import { addUniversalAuthLoginRoutes } from "./universal-auth-login.js";
import { addUniversalAuthRoutes } from "./universal-auth.js";

/** The instance, its people, machine identities and who may do what. */
export const serverRoutes: readonly RouteFile[] = [
  addStatusRoutes,
  addAdminRoutes,
  addPasswordLoginRoutes,
  addOrganizationRoutes,
  addOrganizationAdminRoutes,
  addIdentityRoutes,
  addProjectIdentityRoutes,
  addUniversalAuthRoutes,
  addClientSecretRoutes,
  addUniversalAuthLoginRoutes,
  addTokenAuthRoutes,
  addAccessTokenRoutes,
  addProjectIdentityMembershipRoutes,
  addProjectUserMembershipRoutes,
  addPrivilegeRoutes,
  addOldPrivilegeRoutes,
  addProjectRoleRoutes,
];
