import { badRequest, notFound } from "../http/api-error.js";
import { addRoute, ANYBODY, z } from "../http/route.js";
import { clearLockouts } from "../identity/lockout.js";
import { storedTrustedIps, trustedIpsSchema } from "../identity/trusted-ips.js";
import {
  findUniversalAuth,
  requireIdentity,
  requireUniversalAuth,
  universalAuthView,
  type UniversalAuthRow,
} from "../identity/universal-auths.js";
import { isUniqueViolation, queryRow } from "../store/store.js";
import type { RouteFile } from "./route-file.js";

/** Universal Auth of identities: attach, read, change, detach, take locks away. */
export const addUniversalAuthRoutes: RouteFile = (app, sandbox) => {
  addAttachRoute(app, sandbox);
  addReadRoute(app, sandbox);
  addUpdateRoute(app, sandbox);
  addDetachRoute(app, sandbox);
  addClearLockoutsRoute(app, sandbox);
};

export const UNIVERSAL_AUTH = "/api/v1/auth/universal-auth/identities/:identityId";
const ofIdentity = z.object({ identityId: z.string().trim() });

/** Longest life time that the server takes, in seconds: ten years. */
export const MAX_SECONDS = 315_360_000;
export const secondsSchema = z.number().int().min(0).max(MAX_SECONDS);
const countSchema = z.number().int().min(0);
const DEFAULT_TTL = 2_592_000;
const EVERYWHERE = [{ ipAddress: "0.0.0.0/0" }, { ipAddress: "::/0" }];

const lockoutFields = {
  lockoutThreshold: z.number().int().min(1).max(30),
  lockoutDurationSeconds: z.number().int().min(30).max(86_400),
  lockoutCounterResetSeconds: z.number().int().min(5).max(3_600),
};

const isTtlWithinMax = (body: {
  readonly accessTokenTTL?: number | undefined;
  readonly accessTokenMaxTTL?: number | undefined;
}): boolean =>
  body.accessTokenTTL === undefined ||
  body.accessTokenMaxTTL === undefined ||
  body.accessTokenTTL <= body.accessTokenMaxTTL;
const TTL_MESSAGE = "Access Token TTL cannot be greater than Access Token Max TTL.";

const attachSchema = z
  .object({
    clientSecretTrustedIps: trustedIpsSchema.default(EVERYWHERE),
    accessTokenTrustedIps: trustedIpsSchema.default(EVERYWHERE),
    accessTokenTTL: secondsSchema.default(DEFAULT_TTL),
    accessTokenMaxTTL: secondsSchema.default(DEFAULT_TTL),
    accessTokenNumUsesLimit: countSchema.default(0),
    accessTokenPeriod: secondsSchema.default(0),
    lockoutEnabled: z.boolean().default(true),
    lockoutThreshold: lockoutFields.lockoutThreshold.default(3),
    lockoutDurationSeconds: lockoutFields.lockoutDurationSeconds.default(300),
    lockoutCounterResetSeconds: lockoutFields.lockoutCounterResetSeconds.default(30),
  })
  .refine(isTtlWithinMax, TTL_MESSAGE);

const addAttachRoute: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "POST",
    path: UNIVERSAL_AUTH,
    access: ANYBODY,
    params: ofIdentity,
    body: attachSchema,
    async handle({ actor, params, body }) {
      const identity = await requireIdentity(sandbox, actor, params.identityId, "create");
      if ((await findUniversalAuth(sandbox.store, identity.id)) !== undefined) throw alreadyAttached();
      try {
        const attached = await queryRow<UniversalAuthRow>(
          sandbox.store,
          `insert into universal_auths (identity_id, access_token_ttl, access_token_max_ttl, access_token_num_uses_limit,
             access_token_period, client_secret_trusted_ips, access_token_trusted_ips, lockout_enabled,
             lockout_threshold, lockout_duration_seconds, lockout_counter_reset_seconds)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning *`,
          [
            identity.id,
            body.accessTokenTTL,
            body.accessTokenMaxTTL,
            body.accessTokenNumUsesLimit,
            body.accessTokenPeriod,
            JSON.stringify(storedTrustedIps(body.clientSecretTrustedIps)),
            JSON.stringify(storedTrustedIps(body.accessTokenTrustedIps)),
            body.lockoutEnabled,
            body.lockoutThreshold,
            body.lockoutDurationSeconds,
            body.lockoutCounterResetSeconds,
          ],
        );
        return { identityUniversalAuth: universalAuthView(attached) };
      } catch (error) {
        if (isUniqueViolation(error)) throw alreadyAttached();
        throw error;
      }
    },
  });
};

const alreadyAttached = (): Error => badRequest("Failed to add universal auth to already configured identity");

const addReadRoute: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: UNIVERSAL_AUTH,
    access: ANYBODY,
    params: ofIdentity,
    async handle({ actor, params }) {
      const identity = await requireIdentity(sandbox, actor, params.identityId, "read");
      const found = await findUniversalAuth(sandbox.store, identity.id);
      if (found === undefined) {
        throw notFound(`Failed to find universal auth for identity with ID ${params.identityId}`);
      }
      return { identityUniversalAuth: universalAuthView(found) };
    },
  });
};

const updateSchema = z
  .object({
    clientSecretTrustedIps: trustedIpsSchema.optional(),
    accessTokenTrustedIps: trustedIpsSchema.optional(),
    accessTokenTTL: secondsSchema.optional(),
    accessTokenMaxTTL: secondsSchema.optional(),
    accessTokenNumUsesLimit: countSchema.optional(),
    accessTokenPeriod: secondsSchema.optional(),
    lockoutEnabled: z.boolean().optional(),
    lockoutThreshold: lockoutFields.lockoutThreshold.optional(),
    lockoutDurationSeconds: lockoutFields.lockoutDurationSeconds.optional(),
    lockoutCounterResetSeconds: lockoutFields.lockoutCounterResetSeconds.optional(),
  })
  .refine(isTtlWithinMax, TTL_MESSAGE);
type Update = z.infer<typeof updateSchema>;

const addUpdateRoute: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "PATCH",
    path: UNIVERSAL_AUTH,
    access: ANYBODY,
    params: ofIdentity,
    body: updateSchema,
    async handle({ actor, params, body }) {
      const identity = await requireIdentity(sandbox, actor, params.identityId, "edit");
      const current = await requireUniversalAuth(sandbox.store, identity.id);
      refuseTtlAboveMax(body, current);
      const changed = await queryRow<UniversalAuthRow>(
        sandbox.store,
        `update universal_auths set access_token_ttl = coalesce($2, access_token_ttl),
           access_token_max_ttl = coalesce($3, access_token_max_ttl),
           access_token_num_uses_limit = coalesce($4, access_token_num_uses_limit),
           access_token_period = coalesce($5, access_token_period),
           client_secret_trusted_ips = coalesce($6::jsonb, client_secret_trusted_ips),
           access_token_trusted_ips = coalesce($7::jsonb, access_token_trusted_ips),
           lockout_enabled = coalesce($8, lockout_enabled), lockout_threshold = coalesce($9, lockout_threshold),
           lockout_duration_seconds = coalesce($10, lockout_duration_seconds),
           lockout_counter_reset_seconds = coalesce($11, lockout_counter_reset_seconds), updated_at = now()
         where id = $1 returning *`,
        [current.id, ...updateParameters(body)],
      );
      return { identityUniversalAuth: universalAuthView(changed) };
    },
  });
};

/** The real server's bug #7516: with only a lower max TTL it compares the stored max TTL, not the stored TTL. */
function refuseTtlAboveMax(body: Update, current: UniversalAuthRow): void {
  const max = body.accessTokenMaxTTL || current.access_token_max_ttl;
  const ttl = body.accessTokenTTL || current.access_token_max_ttl;
  if (max > 0 && ttl > max) throw badRequest("Access token TTL cannot be greater than max TTL");
}

function updateParameters(body: Update): unknown[] {
  const ips = (requested: Update["accessTokenTrustedIps"]): string | null =>
    requested === undefined ? null : JSON.stringify(storedTrustedIps(requested));
  return [
    body.accessTokenTTL ?? null,
    body.accessTokenMaxTTL ?? null,
    body.accessTokenNumUsesLimit ?? null,
    body.accessTokenPeriod ?? null,
    ips(body.clientSecretTrustedIps),
    ips(body.accessTokenTrustedIps),
    body.lockoutEnabled ?? null,
    body.lockoutThreshold ?? null,
    body.lockoutDurationSeconds ?? null,
    body.lockoutCounterResetSeconds ?? null,
  ];
}

const addDetachRoute: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "DELETE",
    path: UNIVERSAL_AUTH,
    access: ANYBODY,
    params: ofIdentity,
    async handle({ actor, params }) {
      const identity = await requireIdentity(sandbox, actor, params.identityId, "delete");
      const attached = await requireUniversalAuth(sandbox.store, identity.id);
      await sandbox.store.transaction(async (transaction) => {
        await transaction.query(
          "update access_tokens set auth_method_removed = true where identity_id = $1 and auth_method = 'universal-auth'",
          [identity.id],
        );
        await transaction.query("delete from universal_auths where id = $1", [attached.id]);
      });
      return { identityUniversalAuth: universalAuthView(attached) };
    },
  });
};

const addClearLockoutsRoute: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "POST",
    path: `${UNIVERSAL_AUTH}/clear-lockouts`,
    access: ANYBODY,
    params: ofIdentity,
    async handle({ actor, params }) {
      const identity = await requireIdentity(sandbox, actor, params.identityId, "edit");
      await requireUniversalAuth(sandbox.store, identity.id);
      return { deleted: await clearLockouts(sandbox.cache, identity.id) };
    },
  });
};
