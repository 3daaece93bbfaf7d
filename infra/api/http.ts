import { setTimeout as pause } from "node:timers/promises";
import { isObject, optionalString } from "./answer";
import { requireEngine } from "./engine";
import { fault, isFault, messageOf, type Fault } from "./fault";

/** One request to Infisical's HTTP API. */
export interface Call {
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Path below the server's address, beginning with `/api/`. */
  path: string;
  query?: { readonly [name: string]: string | number | boolean | undefined };
  /** Sent as JSON. The server answers 500 to a JSON content type with an empty body, so nothing is sent without one. */
  body?: { readonly [name: string]: unknown };
  token?: string;
  /** Cookies of a user session. */
  cookie?: string;
  /**
   * Repeating it does no harm, so it is repeated after a failure that may have been carried out.
   * @default true for all methods but POST
   */
  repeatable?: boolean;
}

/** Makes calls with a credential already in it: that of the automation identity, or of a user session. */
export type Ask = (call: Omit<Call, "token">) => Promise<unknown>;

/** Bounds of one call, in milliseconds. An object, so that tests of failures need not wait this long. */
export const limits = {
  /** For one answer. A server whose Redis is down answers nothing at all. */
  answerWithin: 30_000,
  /** For a call with all its repetitions; the last one may begin just before. */
  giveUpAfter: 90_000,
  /** The first pause between two tries; each is twice the one before, up to eight times this. */
  firstPause: 500,
  /** How far a server's `Retry-After` is followed. */
  longestPause: 15_000,
  /** How long a new permission may take to be in effect; the server keeps what it knows of an actor for 10 s. */
  permissionDelay: 12_000,
};

/**
 * Makes a call and returns the parsed JSON body.
 *
 * Repeats within {@link limits}: always after 429 (the request was not carried out), and when the call is
 * repeatable after a lost connection, 502, 503 and 504. `Retry-After` is honoured, up to its `longestPause`.
 *
 * @param url Address of the server, such as `http://localhost:8080`.
 * @throws a {@link Fault}; its text never holds a request body, a query or a token.
 */
export async function send(url: string, call: Call): Promise<unknown> {
  const started = Date.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sendOnce(url, call);
    } catch (thrown) {
      if (!isFault(thrown) || !mayRepeat(thrown, call)) throw thrown;
      const wait = retryAfter(thrown) ?? limits.firstPause * Math.min(2 ** (attempt - 1), 8);
      if (Date.now() - started + wait > limits.giveUpAfter) throw thrown;
      await pause(wait);
    }
  }
}

function mayRepeat(seen: Fault, call: Call): boolean {
  if (seen.status === 429) return true;
  const passing = (seen.kind === "connection" && !isUntrusted(seen.detail)) || [502, 503, 504].includes(seen.status);
  return passing && (call.repeatable ?? call.method !== "POST");
}

function retryAfter(seen: Fault): number | undefined {
  const seconds = (seen as { retryAfter?: number }).retryAfter;
  return seconds === undefined ? undefined : Math.min(seconds * 1_000, limits.longestPause);
}

async function sendOnce(url: string, call: Call): Promise<unknown> {
  const target = new URL(call.path, url);
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) target.searchParams.set(name, String(value));
  }
  const what = `${call.method} ${call.path}`;
  if (call.method !== "GET") await requireEngine();
  let response: Response;
  let text: string;
  try {
    response = await fetch(target, {
      method: call.method,
      headers: headersOf(call),
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      redirect: "manual",
      signal: AbortSignal.timeout(limits.answerWithin),
    });
    text = await response.text();
  } catch (thrown) {
    throw unanswered(url, what, call, thrown);
  }
  return parse(url, what, call, response, text);
}

function headersOf(call: Call): Record<string, string> {
  return {
    // Login answers 500 without a User-Agent.
    "user-agent": "infisical-pulumi-stack",
    accept: "application/json",
    ...(call.body === undefined ? {} : { "content-type": "application/json" }),
    ...(call.token === undefined ? {} : { authorization: `Bearer ${call.token}` }),
    ...(call.cookie === undefined ? {} : { cookie: call.cookie }),
  };
}

function parse(url: string, what: string, call: Call, response: Response, text: string): unknown {
  const json = (response.headers.get("content-type") ?? "").includes("json");
  const body: unknown = json && text !== "" ? readJson(url, what, text) : undefined;
  if (response.ok && json) return body;
  if (response.ok || (response.status >= 300 && response.status < 400)) {
    throw fault(
      `${what}: ${url} does not answer as Infisical's API does (status ${response.status}, not JSON but ` +
        `${response.headers.get("content-type") ?? "nothing"}). Check the host and the port.`,
      { kind: "shape", status: response.status },
    );
  }
  throw answered(url, what, call, response, body);
}

function readJson(url: string, what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fault(`${what}: ${url} sent JSON that cannot be read. Is a proxy in between?`, { kind: "shape" });
  }
}

function answered(url: string, what: string, call: Call, response: Response, body: unknown): Fault {
  const error = optionalString(body, "error") ?? "";
  const detail = detailOf(body);
  const made = fault(`${what} on ${url}: ${response.status} ${error === "" ? "" : `${error}: `}${detail}`.trimEnd(), {
    kind: "answer",
    status: response.status,
    error,
    detail,
    uncertain: response.status >= 500 && call.method !== "GET",
  });
  const seconds = Number(response.headers.get("retry-after") ?? "");
  return Number.isFinite(seconds) && seconds > 0 ? Object.assign(made, { retryAfter: seconds }) : made;
}

/** A refused body comes back as a list of issues; their paths and messages say what was wrong, their values stay out. */
function detailOf(body: unknown): string {
  const message: unknown = isObject(body) ? body.message : undefined;
  if (typeof message === "string") return message;
  if (!Array.isArray(message)) return "";
  return message
    .filter(isObject)
    .map(
      (issue) => `${Array.isArray(issue.path) ? issue.path.join(".") : "body"}: ${String(issue.message ?? "refused")}`,
    )
    .join("; ");
}

function unanswered(url: string, what: string, call: Call, thrown: unknown): Fault {
  const timedOut = thrown instanceof Error && thrown.name === "TimeoutError";
  const cause = timedOut ? `no answer in ${limits.answerWithin / 1_000} s` : withoutCredentials(causeOf(thrown), call);
  return fault(`${what}: no answer from ${url} (${cause}). ${adviceFor(cause, timedOut)}`, {
    kind: "connection",
    detail: cause,
    uncertain: call.method !== "GET" && cause !== "ECONNREFUSED" && cause !== "ENOTFOUND" && !isUntrusted(cause),
  });
}

/** Node quotes a header that it refuses to send. */
function withoutCredentials(text: string, { token, cookie }: Call): string {
  return [token, cookie].reduce<string>((rest, secret) => (secret ? rest.replaceAll(secret, "***") : rest), text);
}

/** The other side showed a certificate that is not accepted: nothing was sent, and the next try ends the same way. */
function isUntrusted(cause: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(cause);
}

/** Node says only "fetch failed"; the code of the reason lies in its cause. */
function causeOf(thrown: unknown): string {
  const cause: unknown = thrown instanceof Error ? thrown.cause : undefined;
  const code: unknown = isObject(cause) || cause instanceof Error ? (cause as { code?: unknown }).code : undefined;
  if (typeof code === "string") return code;
  if (cause instanceof Error) return cause.message;
  return messageOf(thrown);
}

function adviceFor(cause: string, timedOut: boolean): string {
  if (timedOut) return "A server whose Redis is down answers nothing at all: look at its containers.";
  if (isUntrusted(cause)) return "Its certificate is not trusted: give your CA by NODE_EXTRA_CA_CERTS.";
  if (cause === "ENOTFOUND" || cause === "EAI_AGAIN") return "The host name is not known: check the address.";
  return "Check that the server runs and that the address is right.";
}
