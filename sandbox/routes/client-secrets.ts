import { randomBytes } from "node:crypto";
import { hashRandomSecret } from "../auth/passwords.js";
import { notFound } from "../http/api-error.js";
import { addRoute, ANYBODY, z } from "../http/route.js";
import { isUuid } from "../http/uuid.js";
import {
  clientSecretView,
  requireIdentity,
  requireUniversalAuth,
  type ClientSecretRow,
} from "../identity/universal-auths.js";
import { queryOne, queryRow } from "../store/store.js";
import type { RouteFile } from "./route-file.js";
import { secondsSchema, UNIVERSAL_AUTH } from "./universal-auth.js";

/** Client secrets of Universal Auth. The secret itself is answered once, at its making; only a digest is kept. */
export const addClientSecretRoutes: RouteFile = (app, sandbox) => {
  addCreateRoute(app, sandbox);
  addReadRoutes(app, sandbox);
  addRevokeRoute(app, sandbox);
};

const BASE = `${UNIVERSAL_AUTH}/client-secrets`;
const ofIdentity = z.object({ identityId: z.string() });
const ofSecret = z.object({ identityId: z.string(), clientSecretId: z.string() });

const addCreateRoute: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "POST",
    path: BASE,
    access: ANYBODY,
    params: ofIdentity,
    body: z.object({
      description: z.string().trim().default(""),
      numUsesLimit: z.number().int().min(0).default(0),
      ttl: secondsSchema.default(0),
    }),
    async handle({ actor, params, body }) {
      const identity = await requireIdentity(sandbox, actor, params.identityId, "create");
      const universalAuth = await requireUniversalAuth(sandbox.store, identity.id);
      const clientSecret = randomBytes(32).toString("hex");
      const row = await queryRow<ClientSecretRow>(
        sandbox.store,
        `insert into client_secrets (universal_auth_id, secret_hash, prefix, description, ttl, num_uses_limit)
         values ($1, $2, $3, $4, $5, $6) returning *`,
        [
          universalAuth.id,
          hashRandomSecret(clientSecret),
          clientSecret.slice(0, 4),
          body.description,
          body.ttl,
          body.numUsesLimit,
        ],
      );
      return { clientSecret, clientSecretData: clientSecretView(row) };
    },
  });
};

const addReadRoutes: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: BASE,
    access: ANYBODY,
    params: ofIdentity,
    async handle({ actor, params }) {
      const identity = await requireIdentity(sandbox, actor, params.identityId, "read");
      const universalAuth = await requireUniversalAuth(sandbox.store, identity.id);
      const rows = await sandbox.store.query<ClientSecretRow>(
        "select * from client_secrets where universal_auth_id = $1 and not revoked order by created_at",
        [universalAuth.id],
      );
      return { clientSecretData: rows.map(clientSecretView) };
    },
  });
  addRoute(app, sandbox, {
    method: "GET",
    path: `${BASE}/:clientSecretId`,
    access: ANYBODY,
    params: ofSecret,
    async handle({ actor, params }) {
      const identity = await requireIdentity(sandbox, actor, params.identityId, "read");
      const universalAuth = await requireUniversalAuth(sandbox.store, identity.id);
      const row = isUuid(params.clientSecretId)
        ? await queryOne<ClientSecretRow>(
            sandbox.store,
            "select * from client_secrets where id = $1 and universal_auth_id = $2",
            [params.clientSecretId, universalAuth.id],
          )
        : undefined;
      if (row === undefined) throw noSuchSecret(identity.id);
      return { clientSecretData: clientSecretView(row) };
    },
  });
};

/** The real server names the identity, not the secret. */
const noSuchSecret = (identityId: string): Error => notFound(`Failed to find identity with ID ${identityId}`);

const addRevokeRoute: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "POST",
    path: `${BASE}/:clientSecretId/revoke`,
    access: ANYBODY,
    params: ofSecret,
    async handle({ actor, params }) {
      const identity = await requireIdentity(sandbox, actor, params.identityId, "delete");
      const universalAuth = await requireUniversalAuth(sandbox.store, identity.id);
      const row = isUuid(params.clientSecretId)
        ? await queryOne<ClientSecretRow>(
            sandbox.store,
            `update client_secrets set revoked = true, updated_at = now() where id = $1 and universal_auth_id = $2
             returning *`,
            [params.clientSecretId, universalAuth.id],
          )
        : undefined;
      if (row === undefined) throw noSuchSecret(identity.id);
      return { clientSecretData: clientSecretView(row) };
    },
  });
};
