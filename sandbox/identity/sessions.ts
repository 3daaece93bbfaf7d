import type { FastifyReply, FastifyRequest } from "fastify";
import { ACCESS_TOKEN_SECONDS, REFRESH_TOKEN_SECONDS, type Tokens } from "../auth/tokens.js";
import { queryOne, queryRow, type Queryable } from "../store/store.js";

export interface SessionRow {
  readonly id: string;
  readonly user_id: string;
  readonly access_version: number;
  readonly refresh_version: number;
}

const REFRESH_COOKIE = "jid";
const STRICT = { path: "/api", httpOnly: true, sameSite: "strict" } as const;

/** The session of one person at one address with one program; a second login there goes on with it. */
export async function openSession(source: Queryable, userId: string, request: FastifyRequest): Promise<SessionRow> {
  const who = [userId, request.ip, request.headers["user-agent"] ?? ""];
  const open = await queryOne<SessionRow>(
    source,
    "select * from sessions where user_id = $1 and ip = $2 and user_agent = $3 and ended_at is null",
    who,
  );
  return (
    open ??
    queryRow<SessionRow>(source, "insert into sessions (user_id, ip, user_agent) values ($1, $2, $3) returning *", who)
  );
}

export function signAccessToken(tokens: Tokens, session: SessionRow, orgId: string | null): Promise<string> {
  const claims = {
    authMethod: "email",
    authTokenType: "accessToken",
    userId: session.user_id,
    tokenVersionId: session.id,
    accessVersion: session.access_version,
    ...(orgId === null ? {} : { organizationId: orgId }),
  };
  return tokens.sign(claims, ACCESS_TOKEN_SECONDS);
}

export function signRefreshToken(tokens: Tokens, session: SessionRow, orgId: string | null): Promise<string> {
  const claims = {
    authMethod: "email",
    authTokenType: "refreshToken",
    userId: session.user_id,
    tokenVersionId: session.id,
    refreshVersion: session.refresh_version,
    ...(orgId === null ? {} : { organizationId: orgId }),
  };
  return tokens.sign(claims, REFRESH_TOKEN_SECONDS);
}

export function setRefreshCookie(reply: FastifyReply, refreshToken: string): void {
  reply.setCookie(REFRESH_COOKIE, refreshToken, STRICT);
}

export function clearRefreshCookie(reply: FastifyReply): void {
  reply.setCookie(REFRESH_COOKIE, "", { ...STRICT, maxAge: 0 });
}

/** The web page's "act as another member" mark ends with every new login. */
export function clearAssumedPrivileges(reply: FastifyReply): void {
  reply.setCookie("infisical-project-assume-privileges", "", { ...STRICT, maxAge: 0 });
}

export const refreshCookieOf = (request: FastifyRequest): string | undefined => request.cookies[REFRESH_COOKIE];
