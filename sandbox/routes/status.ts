import { addRoute } from "../http/route.js";
import { readInstanceOrLast } from "../instance.js";
import { MAX_IDENTITY_TOKEN_AGE_SECONDS } from "../profile.js";
import type { RouteFile } from "./route-file.js";

/** The health route. `/api/v1/health` does not exist, here as on the real server. */
export const addStatusRoutes: RouteFile = (app, sandbox) => {
  addRoute(app, sandbox, {
    method: "GET",
    path: "/api/status",
    access: "none",
    async handle() {
      const instance = await readInstanceOrLast(sandbox.store);
      return {
        date: new Date().toISOString(),
        message: "Ok",
        emailConfigured: false,
        // Named wrongly upstream: true means that anybody may sign up.
        inviteOnlySignup: instance.allow_sign_up,
        redisConfigured: true,
        secretScanningConfigured: false,
        auditLogStorageDisabled: false,
        ...(sandbox.profile.statusTellsMaxTokenTtl
          ? { maxIdentityAccessTokenTTL: MAX_IDENTITY_TOKEN_AGE_SECONDS }
          : {}),
      };
    },
  });
};
