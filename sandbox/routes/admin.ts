import { hashPassword } from "../auth/passwords.js";
import { createCertificateManagerProject } from "../certificate-manager-project.js";
import { issueIdentityToken } from "../auth/identity-tokens.js";
import type { Actor } from "../auth/actor.js";
import { badRequest, forbidden } from "../http/api-error.js";
import { addRoute, ANYBODY, z } from "../http/route.js";
import { createIdentity, joinOrganization } from "../identity/identities.js";
import { createOrganization, organizationView } from "../identity/organizations.js";
import { openSession, setRefreshCookie, signAccessToken, signRefreshToken } from "../identity/sessions.js";
import { ANY_ADDRESS } from "../identity/trusted-ips.js";
import { createAdministrator, userView, type UserRow } from "../identity/users.js";
import { claimInstance, configView, readInstance, readInstanceOrLast, type Instance } from "../instance.js";
import type { Sandbox } from "../sandbox.js";
import { queryRow, type Queryable } from "../store/store.js";
import type { RouteFile } from "./route-file.js";

/** The instance: its state, its first administrator (two ways), its switches. */
export const addAdminRoutes: RouteFile = (app, sandbox) => {
  addConfigRoutes(app, sandbox);
  addSignupRoute(app, sandbox);
  addBootstrapRoute(app, sandbox);
  addManagementRoutes(app, sandbox);
};

const addConfigRoutes: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/admin/config",
    access: "optional",
    async handle({ maybeActor }) {
      const instance = await readInstanceOrLast(sandbox.store);
      const sees = maybeActor !== undefined && isInstanceAdmin(maybeActor, instance);
      return { config: configView(instance, sees ? "administrator" : "anybody") };
    },
  });
  addRoute(app, sandbox, {
    method: "PATCH",
    path: "/api/v1/admin/config",
    access: ANYBODY,
    body: z.object({ allowSignUp: z.boolean().optional(), allowedSignUpDomain: z.string().nullish() }),
    async handle({ actor, body }) {
      requireInstanceAdmin(actor, await readInstance(sandbox.store));
      const changed = await queryRow<Instance>(
        sandbox.store,
        `update instance set allow_sign_up = coalesce($1, allow_sign_up), settings = settings || $2::jsonb
          where id = 1 returning *`,
        [
          body.allowSignUp ?? null,
          JSON.stringify(
            body.allowedSignUpDomain === undefined ? {} : { allowedSignUpDomain: body.allowedSignUpDomain },
          ),
        ],
      );
      return { config: configView(changed, "changer") };
    },
  });
};

const emailSchema = z.string().email().trim();

const addSignupRoute: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v1/admin/signup",
    access: "none",
    body: z.object({
      email: emailSchema,
      password: z.string().trim(),
      firstName: z.string().trim(),
      lastName: z.string().trim().optional(),
    }),
    async handle({ body, request, reply }) {
      const { store, tokens } = sandbox;
      const fresh = {
        email: body.email,
        firstName: body.firstName,
        lastName: body.lastName ?? null,
        passwordHash: await hashPassword(body.password),
      };
      const { user, organization, session } = await store.transaction(async (transaction) => {
        if (!(await claimInstance(transaction))) throw badRequest("Admin account has already been set up");
        const administrator = await createAdministrator(transaction, fresh);
        return {
          user: administrator,
          organization: await foundOrganization(sandbox, transaction, "Admin Org", administrator),
          session: await openSession(transaction, administrator.id, request),
        };
      });
      setRefreshCookie(reply, await signRefreshToken(tokens, session, null));
      return {
        message: "Successfully set up admin account",
        user: userView(user),
        organization: {
          ...organizationView(organization),
          kmsEncryptedDataKey: null,
          googleSsoAuthLastUsed: null,
          defaultCertManagerProjectId: null,
        },
        token: await signAccessToken(tokens, session, null),
        new: "123",
      };
    },
  });
};

const addBootstrapRoute: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v1/admin/bootstrap",
    access: "none",
    body: z.object({ email: emailSchema, password: z.string().trim(), organization: z.string().trim().min(1) }),
    async handle({ body }) {
      const passwordHash = sandbox.profile.bootstrapKeepsPassword ? await hashPassword(body.password) : null;
      const fresh = { email: body.email, firstName: "Admin", lastName: "User", passwordHash };
      return sandbox.store.transaction(async (transaction) => {
        if (!(await claimInstance(transaction))) throw badRequest("Instance has already been set up");
        const user = await createAdministrator(transaction, fresh);
        const organization = await foundOrganization(sandbox, transaction, body.organization, user);
        const { username, email, firstName, lastName, id } = userView(user);
        return {
          message: "Successfully bootstrapped instance",
          user: { username, firstName, lastName, email, id, superAdmin: true },
          organization: { id: organization.id, name: organization.name, slug: organization.slug },
          identity: await createInstanceAdminIdentity(sandbox, transaction, organization.id),
        };
      });
    },
  });
};

/** The first organization; people also find its automatic project for certificates where the profile has one. */
async function foundOrganization(
  sandbox: Sandbox,
  transaction: Queryable,
  name: string,
  administrator: UserRow,
): ReturnType<typeof createOrganization> {
  const organization = await createOrganization(transaction, name, administrator.id);
  if (sandbox.profile.certificateManagerProject) {
    await createCertificateManagerProject(transaction, organization.id, administrator.id);
  }
  return organization;
}

/** The machine identity that bootstrap hands out, with a token that never ends. */
async function createInstanceAdminIdentity(
  sandbox: Sandbox,
  transaction: Queryable,
  orgId: string,
): Promise<Record<string, unknown>> {
  const name = "Instance Admin Identity";
  const identity = await createIdentity(transaction, { orgId, projectId: null, name, hasDeleteProtection: false });
  await joinOrganization(transaction, identity, "admin");
  await transaction.query(
    `insert into token_auths (identity_id, access_token_ttl, access_token_max_ttl, access_token_num_uses_limit,
       access_token_trusted_ips) values ($1, 0, 0, 0, $2)`,
    [identity.id, JSON.stringify(ANY_ADDRESS)],
  );
  await transaction.query("update instance set admin_identity_ids = array_append(admin_identity_ids, $1)", [
    identity.id,
  ]);
  const { accessToken } = await issueIdentityToken(
    transaction,
    sandbox.tokens,
    sandbox.profile,
    {
      identity: { id: identity.id, name, orgId },
      authMethod: "token-auth",
      name: "Instance Admin Token",
      ttl: 0,
      maxTtl: 0,
      period: 0,
      numUsesLimit: 0,
      subOrganizationId: orgId,
    },
    { isBootstrap: true },
  );
  return { id: identity.id, name, credentials: { token: accessToken } };
}

const addManagementRoutes: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/v1/admin/user-management/users",
    access: ANYBODY,
    async handle({ actor }) {
      requireInstanceAdmin(actor, await readInstance(sandbox.store));
      const users = await sandbox.store.query<UserRow>("select * from users order by email");
      return { users: users.map((user) => ({ ...userView(user), superAdmin: user.super_admin })), total: users.length };
    },
  });
  addRoute(app, sandbox, {
    method: "DELETE",
    path: "/api/v1/admin/identity-management/identities/:identityId/super-admin-access",
    access: ANYBODY,
    params: z.object({ identityId: z.string() }),
    async handle({ actor, params }) {
      const instance = await readInstance(sandbox.store);
      requireInstanceAdmin(actor, instance);
      if (!instance.admin_identity_ids.includes(params.identityId)) {
        throw badRequest("Identity does not have super admin access", "Identity");
      }
      await sandbox.store.query("update instance set admin_identity_ids = array_remove(admin_identity_ids, $1)", [
        params.identityId,
      ]);
      return { identity: { id: params.identityId } };
    },
  });
};

function isInstanceAdmin(actor: Actor, instance: Instance): boolean {
  return actor.kind === "user" ? actor.isSuperAdmin : instance.admin_identity_ids.includes(actor.id);
}

function requireInstanceAdmin(actor: Actor, instance: Instance): void {
  if (!isInstanceAdmin(actor, instance)) throw forbidden("Requires elevated super admin privileges");
}
