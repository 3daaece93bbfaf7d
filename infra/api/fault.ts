/**
 * What went wrong in a call to Infisical, as data. Faults are plain errors with fields, never a class: classes do not
 * survive the serialisation of dynamic providers, so they are told apart by `kind`, `status` and `error`.
 */
export interface Fault extends Error {
  readonly name: "InfisicalFault";
  /** `answer`: the server answered with a status of 400 or more; `connection`: no answer; `shape`: an answer that is not Infisical's. */
  readonly kind: "answer" | "connection" | "shape" | "refused";
  /** HTTP status, 0 where there was no answer. */
  readonly status: number;
  /** The server's own name of the error, such as `TokenError` or `PermissionDenied`. */
  readonly error: string;
  /** The server's message, without our words around it. */
  readonly detail: string;
  /** The request may have been carried out although no good answer came: look it up before it is repeated. */
  readonly uncertain: boolean;
}

interface FaultFields {
  kind: Fault["kind"];
  status?: number;
  error?: string;
  detail?: string;
  uncertain?: boolean;
}

/** Makes a fault. `message` is what a person reads: what failed, on what, what was seen, what to do. */
export function fault(message: string, fields: FaultFields): Fault {
  const made = Object.assign(new Error(message), {
    name: "InfisicalFault" as const,
    kind: fields.kind,
    status: fields.status ?? 0,
    error: fields.error ?? "",
    detail: fields.detail ?? "",
    uncertain: fields.uncertain ?? false,
  });
  // The engine prints the stack of what `read`, `check`, `diff` and `delete` throw; a user's mistake needs no stack.
  made.stack = message;
  return made;
}

/** A refusal of our own, before or instead of a request. */
export function refusal(message: string): Fault {
  return fault(message, { kind: "refused", detail: message });
}

export function isFault(thrown: unknown): thrown is Fault {
  return thrown instanceof Error && thrown.name === "InfisicalFault";
}

/** The object is not there. A missing *route* is 404 too, but then the server does not give a request id. */
export function isNotFound(thrown: unknown): thrown is Fault {
  return isFault(thrown) && thrown.kind === "answer" && thrown.status === 404 && thrown.error !== "Not Found";
}

/** What a call gives, or nothing when the object, or what it is in, is not there. */
export async function orNothing<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (thrown) {
    if (isNotFound(thrown)) return undefined;
    throw thrown;
  }
}

/** The server does not know this route: an older or newer version than expected. */
export function isRouteMissing(thrown: unknown): thrown is Fault {
  return isFault(thrown) && thrown.status === 404 && thrown.error === "Not Found";
}

/** An answer with this status. */
export function isStatus(thrown: unknown, status: number): thrown is Fault {
  return isFault(thrown) && thrown.kind === "answer" && thrown.status === status;
}

/** The access token is expired, revoked or signed with another key; a new login may help. 403 alone does not say so. */
export function isTokenRefused(thrown: unknown): thrown is Fault {
  return isStatus(thrown, 401) || (isStatus(thrown, 403) && thrown.error === "TokenError");
}

/** The caller is known, and has not the rights: its role, or its membership of the project, is not what it was. */
export function isNotPermitted(thrown: unknown): thrown is Fault {
  return isStatus(thrown, 403) && (thrown.error === "PermissionDenied" || thrown.error === "ProjectMembershipNotFound");
}

/** Whether the request may have been carried out although it failed. */
export function isUncertain(thrown: unknown): thrown is Fault {
  return isFault(thrown) && thrown.uncertain;
}

/** The message of anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
