import { isPassword } from "../auth/passwords.js";
import { badRequest, forbidden, notFound, somethingWentWrong } from "../http/api-error.js";
import { addRoute, ANYBODY, USER, z } from "../http/route.js";
import { isUuid } from "../http/uuid.js";
import {
  clearAssumedPrivileges,
  clearRefreshCookie,
  openSession,
  refreshCookieOf,
  setRefreshCookie,
  signAccessToken,
  signRefreshToken,
  type SessionRow,
} from "../identity/sessions.js";
import { findUserByEmail } from "../identity/users.js";
import { readInstance } from "../instance.js";
import type { Sandbox } from "../sandbox.js";
import { queryOne } from "../store/store.js";
import type { RouteFile } from "./route-file.js";

/** A person's way in: password, organization, refresh, log-out. */
export const addPasswordLoginRoutes: RouteFile = (app, sandbox) => {
  addLoginRoutes(app, sandbox);
  addSessionRoutes(app, sandbox);
};

const addLoginRoutes: RouteFile = (app, sandbox) => {
  const { store, tokens } = sandbox;
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v3/auth/login",
    access: "none",
    body: z.object({ email: z.string().trim(), password: z.string().trim() }),
    async handle({ body, request, reply }) {
      // A bug of the real server: it needs the header for the session's description.
      if ((request.headers["user-agent"] ?? "") === "") throw somethingWentWrong();
      const user = await findUserByEmail(store, body.email);
      const hash = user?.password_hash ?? null;
      const isRight = hash !== null && (await isPassword(body.password, hash));
      if (user === undefined || !isRight) throw badRequest("Invalid credentials");
      const session = await openSession(store, user.id, request);
      setRefreshCookie(reply, await signRefreshToken(tokens, session, null));
      clearAssumedPrivileges(reply);
      return { accessToken: await signAccessToken(tokens, session, null) };
    },
  });
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v3/auth/select-organization",
    access: USER,
    withoutOrganization: true,
    body: z.object({ organizationId: z.string().trim() }),
    async handle({ actor, body, request, reply }) {
      const { organizationId } = body;
      const membership = isUuid(organizationId)
        ? await queryOne(store, "select id from organization_members where user_id = $1 and org_id = $2", [
            actor.id,
            organizationId,
          ])
        : undefined;
      if (membership === undefined) {
        throw forbidden(`User does not have access to the organization with ID ${organizationId}`);
      }
      const session = await openSession(store, actor.id, request);
      setRefreshCookie(reply, await signRefreshToken(tokens, session, organizationId));
      clearAssumedPrivileges(reply);
      return { token: await signAccessToken(tokens, session, organizationId), isMfaEnabled: false };
    },
  });
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v3/signup/email/signup",
    access: "none",
    body: z.object({ email: z.string().email().trim() }),
    async handle({ body }) {
      if (!(await readInstance(store)).allow_sign_up) throw forbidden("Signup's are disabled");
      // Nothing is sent: there is no mail here, and the next step of a sign-up is not served.
      return { message: `Sent an email verification code to ${body.email}`, cooldownSeconds: 60 };
    },
  });
};

const addSessionRoutes: RouteFile = (app, sandbox) => {
  const { store, tokens } = sandbox;
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v1/auth/token",
    access: "none",
    async handle({ request, reply }) {
      const refreshed = await rotate(sandbox, refreshCookieOf(request));
      if (refreshed === undefined) {
        clearRefreshCookie(reply);
        throw notFound("Invalid token", "AuthTokenNotFound");
      }
      const refreshToken = await signRefreshToken(tokens, refreshed.session, refreshed.orgId);
      setRefreshCookie(reply, refreshToken);
      return { token: await signAccessToken(tokens, refreshed.session, refreshed.orgId), refreshToken };
    },
  });
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v1/auth/checkAuth",
    access: ANYBODY,
    withoutOrganization: true,
    handle: () => Promise.resolve({ message: "Authenticated" }),
  });
  addRoute(app, sandbox, {
    method: "POST",
    path: "/api/v1/auth/logout",
    access: USER,
    withoutOrganization: true,
    async handle({ actor, reply }) {
      if (actor.kind === "user") {
        // Tokens already given out were still accepted right after a log-out: the same delay as for permissions.
        await store.query("update sessions set ended_at = now() + make_interval(secs => $2) where id = $1", [
          actor.sessionId,
          sandbox.settings.permissionDelayMs / 1000,
        ]);
      }
      clearRefreshCookie(reply);
      reply.setCookie("aod", "", { path: "/api", sameSite: "lax", maxAge: 0 });
      return { message: "Successfully logged out" };
    },
  });
};

/** A refresh token is good for one use: each makes the next. */
async function rotate(
  sandbox: Sandbox,
  cookie: string | undefined,
): Promise<{ session: SessionRow; orgId: string | null } | undefined> {
  if (cookie === undefined || cookie === "") return undefined;
  const claims = await sandbox.tokens.verify(cookie);
  if (claims["authTokenType"] !== "refreshToken" || !isUuid(claims["tokenVersionId"])) return undefined;
  const session = await queryOne<SessionRow>(
    sandbox.store,
    `update sessions set refresh_version = refresh_version + 1, updated_at = now()
      where id = $1 and refresh_version = $2 and ended_at is null returning *`,
    [claims["tokenVersionId"], claims["refreshVersion"]],
  );
  const orgId = claims["organizationId"];
  return session === undefined ? undefined : { session, orgId: typeof orgId === "string" ? orgId : null };
}
