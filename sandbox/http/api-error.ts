/** An answer that is not 2xx, in the server's shape `{reqId, statusCode, message, error, [details]}`. */
export class ApiError extends Error {
  constructor(
    readonly statusCode: number,
    /** The `error` field: a name, not stable enough for clients to switch on. */
    readonly errorName: string,
    message: string,
    readonly details?: unknown,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** 400 */
export const badRequest = (message: string, errorName = "BadRequest"): ApiError =>
  new ApiError(400, errorName, message);
/** 401 */
export const unauthorized = (message: string, errorName = "UnauthorizedError"): ApiError =>
  new ApiError(401, errorName, message);
/** 403 with a message of its own; for a missing permission use `permissionDenied`. */
export const forbidden = (message: string, errorName = "ForbiddenError", details?: unknown): ApiError =>
  new ApiError(403, errorName, message, details);
/** 404 for an object that is not there (an unknown route has another shape). */
export const notFound = (message: string, errorName = "NotFound"): ApiError => new ApiError(404, errorName, message);
/** 403 for a token that cannot be used: malformed, forged or expired (never 401). */
export const tokenError = (message: string): ApiError => new ApiError(403, "TokenError", message);
/** 400 of a free server for what needs a licence. */
export const planRestriction = (what: string): ApiError =>
  badRequest(`Failed to ${what} due to plan restriction. Upgrade plan to ${what}.`);
/** 403 of a missing permission; `rules` are the caller's own rules for that action, which the real server shows. */
export const permissionDenied = (action: string, subject: string, rules: readonly unknown[]): ApiError =>
  new ApiError(403, "PermissionDenied", `You are not allowed to ${action} on ${subject}`, rules);
/** 500 as the real server words it. */
export const somethingWentWrong = (errorName = "InternalServerError"): ApiError =>
  new ApiError(500, errorName, "Something went wrong");
/** 501 for what the real server does and this stand-in does not, so that nobody takes it for the real answer. */
export const notServed = (what: string): ApiError =>
  new ApiError(501, "NotServedBySandbox", `sandbox, not Infisical: ${what} is not served here`);
