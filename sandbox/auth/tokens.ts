import { errors, jwtVerify, SignJWT, type JWTPayload } from "jose";
import { tokenError } from "../http/api-error.js";

/** Claims of the three kinds of token; all are HS256 under AUTH_SECRET. */
export interface Tokens {
  /** `lifeSeconds` undefined: the token has no `exp`. */
  sign(claims: JWTPayload, lifeSeconds: number | undefined): Promise<string>;
  /** @throws ApiError 403 TokenError when the token is malformed, forged or expired. */
  verify(token: string): Promise<JWTPayload>;
}

export const ACCESS_TOKEN_SECONDS = 10 * 86_400;
export const REFRESH_TOKEN_SECONDS = 90 * 86_400;

export function createTokens(authSecret: string): Tokens {
  const key = new TextEncoder().encode(authSecret);
  return {
    sign(claims, lifeSeconds) {
      const now = Math.floor(Date.now() / 1000);
      const token = new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: "JWT" }).setIssuedAt(now);
      if (lifeSeconds !== undefined) token.setExpirationTime(now + lifeSeconds);
      return token.sign(key);
    },
    async verify(token) {
      try {
        return (await jwtVerify(token, key, { algorithms: ["HS256"] })).payload;
      } catch (error) {
        throw refusalOf(error);
      }
    },
  };
}

function refusalOf(error: unknown): Error {
  if (error instanceof errors.JWTExpired) return tokenError("Your token has expired. Please re-authenticate.");
  if (error instanceof errors.JWSSignatureVerificationFailed) return tokenError("invalid signature");
  if (error instanceof errors.JOSEError) {
    return tokenError(
      "The provided access token is malformed. Please use a valid token or generate a new one and try again.",
    );
  }
  return error instanceof Error ? error : new Error(String(error));
}
