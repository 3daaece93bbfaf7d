import { ask, codeOf, type Answer } from "../ask";
import type { Diagnosis } from "./signatures";

/** Difference of two clocks, in seconds, from which on tokens are refused now and then. */
const SKEW = 30;
/** A server whose Redis is down takes the connection and answers nothing at all. */
const ANSWER_WITHIN = 5_000;

/**
 * Asks the address once and tells what is wrong with what answers there.
 * @returns nothing when it answers as Infisical does, and on time.
 */
export async function diagnoseServer(url: string): Promise<Diagnosis | undefined> {
  const asked = Date.now();
  let answer: Answer;
  try {
    answer = await ask(new URL("/api/status", url), ANSWER_WITHIN);
  } catch (thrown) {
    return diagnoseSilence(url, thrown);
  }
  return diagnoseAnswer(url, answer) ?? diagnoseClock(answer.headers.date, asked);
}

function diagnoseAnswer(url: string, { status, headers, text }: Answer): Diagnosis | undefined {
  const type = headers["content-type"] ?? "nothing";
  if (status >= 300 && status < 400) {
    return {
      cause: `${url} sends on to ${headers.location ?? "another address"} instead of answering`,
      remedy: "give the address that it sends to, with https:// where it wants that",
    };
  }
  if ([502, 503, 504].includes(status)) {
    return {
      cause: `a proxy answers at ${url} (status ${status}), and the server behind it does not`,
      remedy: "look at the server behind it, and whether the proxy forwards to its port",
    };
  }
  if (!type.includes("json")) {
    return {
      cause: `${url} answers with a page (${type}, status ${status}) instead of JSON: it is not Infisical's API`,
      remedy: "check host and port; a proxy that wants a log-in shows its own page, too",
    };
  }
  if (status === 200 && /"emailConfigured"|"redisConfigured"/.test(text)) return undefined;
  return {
    cause: `${url} answers in JSON (status ${status}), but not as Infisical does`,
    remedy: "check host and port: another program answers there",
  };
}

/** By the server's own clock in its answer; a second is lost on the way, and the header has no fractions. */
function diagnoseClock(date: string | undefined, asked: number): Diagnosis | undefined {
  const server = Date.parse(date ?? "");
  const seconds = Math.round((server - asked) / 1_000);
  if (Number.isNaN(server) || Math.abs(seconds) <= SKEW) return undefined;
  return {
    cause: `the server's clock is ${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} this machine's`,
    remedy: "set both by NTP: tokens are refused before their time has come, or end too early",
  };
}

const SILENCES: readonly (Diagnosis & { pattern: RegExp })[] = [
  {
    pattern: /ENOTFOUND|EAI_AGAIN/,
    cause: "the host name is not known",
    remedy: "check the address, and that this machine can resolve it",
  },
  {
    pattern: /ECONNREFUSED/,
    cause: "nothing listens there",
    remedy: "check the port; is the server up? npm run up brings it back",
  },
  {
    pattern: /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/,
    cause: "its certificate is not trusted by this machine",
    remedy: "give your CA: NODE_EXTRA_CA_CERTS=/path/to/ca.pem",
  },
  {
    pattern: /SSL|EPROTO|wrong version number/i,
    cause: "it does not speak TLS there",
    remedy: "write http:// instead of https://, or the port of the TLS side",
  },
  {
    pattern: /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/,
    cause: "it does not answer in time",
    remedy: "a server whose Redis is down answers nothing at all: look at its log; else a firewall is in between",
  },
  {
    pattern: /ECONNRESET|ECONNABORTED|EPIPE/,
    cause: "it hangs up without an answer",
    remedy: "is it TLS there (https://)? Else look at its log",
  },
];

function diagnoseSilence(url: string, thrown: unknown): Diagnosis {
  const code = codeOf(thrown);
  const known = SILENCES.find(({ pattern }) => pattern.test(code));
  return known === undefined
    ? { cause: `${url} gives no answer (${code})`, remedy: "check the address, and that the server runs" }
    : { cause: `${url}: ${known.cause} (${code})`, remedy: known.remedy };
}
