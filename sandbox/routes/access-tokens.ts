import { liveIdentityToken, signIdentityToken } from "../auth/identity-tokens.js";
import { unauthorized } from "../http/api-error.js";
import { addRoute, z } from "../http/route.js";
import type { Sandbox } from "../sandbox.js";
import type { RouteFile } from "./route-file.js";

/** Renewing and revoking identity tokens; the token in the body is the proof. */
export const addAccessTokenRoutes: RouteFile = (app, sandbox) => {
  const body = z.object({ accessToken: z.string().trim() });
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v1/auth/token/renew",
    access: "none",
    body,
    handle: (call) => renew(sandbox, call.body.accessToken),
  });
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v1/auth/token/revoke",
    access: "none",
    body,
    async handle(call) {
      const claims = await sandbox.tokens.verify(call.body.accessToken);
      const token = await liveIdentityToken(sandbox.store, sandbox.profile, claims, "Failed to authorize");
      await sandbox.store.query("update access_tokens set revoked = true, updated_at = now() where id = $1", [
        token.id,
      ]);
      return { message: "Successfully revoked access token" };
    },
  });
};

type LiveToken = Awaited<ReturnType<typeof liveIdentityToken>>;

async function renew(sandbox: Sandbox, accessToken: string): Promise<Record<string, unknown>> {
  const { store, profile, tokens } = sandbox;
  const claims = await tokens.verify(accessToken);
  const token = await liveIdentityToken(store, profile, claims, "Cannot renew");
  if (token.num_uses_limit > 0 && token.num_uses >= token.num_uses_limit) {
    if (profile.usedUpTokenIsDeleted) await store.query("delete from access_tokens where id = $1", [token.id]);
    throw unauthorized(profile.usedUpTokenMessage);
  }
  const ttl = await renewedTtl(sandbox, token);
  await store.query("update access_tokens set last_renewed_at = now(), updated_at = now() where id = $1", [token.id]);
  const owner = {
    identity: { id: token.identity_id, name: token.identity_name ?? "", orgId: token.org_id ?? "" },
    authMethod: token.auth_method === "token-auth" ? ("token-auth" as const) : ("universal-auth" as const),
  };
  return {
    accessToken: await signIdentityToken(tokens, profile, owner, token, profile.selfContainedTokens, ttl),
    expiresIn: ttl,
    accessTokenMaxTTL: token.max_ttl,
    tokenType: "Bearer",
  };
}

/**
 * Seconds of the renewed token. At the pin a renewal past the max TTL is refused and costs the token: with TTL = max TTL,
 * the defaults, that is every renewal.
 */
async function renewedTtl({ store, profile }: Sandbox, token: LiveToken): Promise<number> {
  if (token.max_ttl === 0 || token.period > 0) return token.ttl;
  const leftMs = token.created_at.getTime() + token.max_ttl * 1000 - Date.now();
  if (token.ttl * 1000 <= leftMs) return token.ttl;
  if (profile.renewShrinksToMaxTtl) return Math.max(Math.floor(leftMs / 1000), 1);
  await store.query("delete from access_tokens where id = $1", [token.id]);
  throw unauthorized("Failed to renew MI access token past its Max TTL expiration");
}
