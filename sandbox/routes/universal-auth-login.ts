import { issueIdentityToken } from "../auth/identity-tokens.js";
import { hashRandomSecret } from "../auth/passwords.js";
import { unauthorized } from "../http/api-error.js";
import { addRoute, z } from "../http/route.js";
import { isUuid } from "../http/uuid.js";
import { noteLogin } from "../identity/identities.js";
import { isLocked, noteFailure, noteSuccess } from "../identity/lockout.js";
import { lockoutPolicyOf, type ClientSecretRow, type UniversalAuthRow } from "../identity/universal-auths.js";
import { MAX_IDENTITY_TOKEN_AGE_SECONDS } from "../profile.js";
import type { Sandbox } from "../sandbox.js";
import { queryOne } from "../store/store.js";
import type { RouteFile } from "./route-file.js";

/** A machine's way in. The body may be JSON or a form. */
export const addUniversalAuthLoginRoutes: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v1/auth/universal-auth/login",
    access: "none",
    body: z.object({ clientId: z.string().trim(), clientSecret: z.string().trim() }),
    async handle({ body }) {
      const owner = await findOwner(sandbox, body.clientId);
      if (owner === undefined) throw invalidCredentials();
      const secret = await checkedSecret(sandbox, owner, body.clientSecret);
      const ttl = owner.access_token_period > 0 ? owner.access_token_period : owner.access_token_ttl;
      const { accessToken } = await issueIdentityToken(sandbox.store, sandbox.tokens, sandbox.profile, {
        identity: { id: owner.identity_id, name: owner.identity_name, orgId: owner.org_id },
        authMethod: "universal-auth",
        clientSecretId: secret.id,
        ttl,
        maxTtl: owner.access_token_max_ttl,
        period: owner.access_token_period,
        numUsesLimit: owner.access_token_num_uses_limit,
      });
      await noteLogin(sandbox.store, owner.identity_id, "universal-auth");
      const unlimited = sandbox.profile.selfContainedTokens ? MAX_IDENTITY_TOKEN_AGE_SECONDS : 0;
      return {
        accessToken,
        expiresIn: ttl > 0 ? ttl : unlimited,
        accessTokenMaxTTL: owner.access_token_max_ttl,
        tokenType: "Bearer",
      };
    },
  });
};

interface OwnerRow extends UniversalAuthRow {
  readonly identity_name: string;
  readonly org_id: string;
}

async function findOwner(sandbox: Sandbox, clientId: string): Promise<OwnerRow | undefined> {
  if (!isUuid(clientId)) return undefined;
  return queryOne<OwnerRow>(
    sandbox.store,
    `select u.*, i.name as identity_name, i.org_id from universal_auths u join identities i on i.id = u.identity_id
      where u.client_id = $1`,
    [clientId],
  );
}

const invalidCredentials = (): Error => unauthorized("Invalid credentials");

/** The client secret, with this use counted. @throws ApiError 401, in the real server's order of reasons. */
async function checkedSecret(sandbox: Sandbox, owner: OwnerRow, clientSecret: string): Promise<ClientSecretRow> {
  const { cache, store } = sandbox;
  const policy = lockoutPolicyOf(owner);
  if (await isLocked(cache, policy)) {
    throw unauthorized("This identity auth method is temporarily locked, please try again later");
  }
  const secret = await queryOne<ClientSecretRow>(
    store,
    "select * from client_secrets where universal_auth_id = $1 and secret_hash = $2 and not revoked",
    [owner.id, hashRandomSecret(clientSecret)],
  );
  if (secret === undefined) {
    await noteFailure(cache, policy);
    throw invalidCredentials();
  }
  if (secret.ttl > 0 && secret.created_at.getTime() + secret.ttl * 1000 < Date.now()) {
    await revoke(sandbox, secret.id);
    throw unauthorized("Access denied due to expired client secret");
  }
  const isFreeUse = "num_uses_limit = 0 and last_used_at > now() - make_interval(secs => $2)";
  const counted = await queryOne<ClientSecretRow>(
    store,
    `update client_secrets set num_uses = num_uses + case when ${isFreeUse} then 0 else 1 end,
        last_used_at = case when ${isFreeUse} then last_used_at else now() end,
        updated_at = case when ${isFreeUse} then updated_at else now() end
      where id = $1 and (num_uses_limit = 0 or num_uses < num_uses_limit) returning *`,
    [secret.id, sandbox.profile.secretUsesAreDebounced ? 10 : 0],
  );
  if (counted === undefined) {
    await revoke(sandbox, secret.id);
    throw unauthorized("Access denied due to client secret usage limit reached");
  }
  await noteSuccess(cache, policy);
  return counted;
}

/** A secret that is used up or too old counts as revoked from the next try on. */
async function revoke(sandbox: Sandbox, id: string): Promise<void> {
  await sandbox.store.query("update client_secrets set revoked = true, updated_at = now() where id = $1", [id]);
}
