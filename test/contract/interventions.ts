import { send, type PlainRequest } from "./http.js";
import type { Mapping } from "./mapping.js";
import { isObject, type Json } from "./recording.js";

/** What an intervention may use. */
export interface Stage {
  origin: string;
  mapping: Mapping;
  /** How long this server takes to apply a permission change: 10 s on a real one. */
  permissionDelayMs: number;
  /** The live answer's ETag by exchange number. */
  etags: Map<string, string>;
}

/** Something that the recording presupposes but does not hold: done before the exchange, or to its request. */
export interface Intervention {
  why: string;
  before?: (stage: Stage) => Promise<void>;
  /** Changes the request, which carries live ids already. */
  rewrite?: (request: PlainRequest, stage: Stage) => PlainRequest;
  /** For so long, in ms, the answer may still be another one: the request is sent again until it is as recorded. */
  within?: (stage: Stage) => number;
}

const PROJECT = "f8fbeeeb-79f1-42a7-a7af-ed756d430e6f";
const APP_IDENTITY = "73733e25-a17e-4082-bc1e-e9596b89866d";
const ADMIN = { email: "admin@example.com", password: "Str0ng-Passw0rd!" };
const BOOT_TOKEN = "<jwt:2>";
const MARGIN_MS = 2_000;

const permissionChange: Intervention = {
  why: "a permission change takes up to 10 s to apply; the recording waited",
  within: (stage) => stage.permissionDelayMs + MARGIN_MS,
};

const passing = (seconds: number, why: string): Intervention => ({ why, within: () => seconds * 1_000 + MARGIN_MS });

/** The recorded server read the grant's start as its own present; so must the live one. */
const startNow = (request: PlainRequest): PlainRequest => {
  const body = structuredClone(request.body);
  if (isObject(body) && isObject(body["type"] ?? null)) {
    (body["type"] as { [key: string]: Json })["temporaryAccessStartTime"] = new Date().toISOString();
  }
  return { ...request, body };
};

/** The recorder shortened a long value; it was made of one letter. */
const longValue = (request: PlainRequest): PlainRequest => {
  const text = JSON.stringify(request.body).replace(/"x+… cut, (\d+) characters"/, (_whole, length: string) =>
    JSON.stringify("x".repeat(Number(length))),
  );
  return { ...request, body: JSON.parse(text) as Json };
};

async function asBoot(stage: Stage, method: string, path: string, body: Json): Promise<void> {
  const headers = {
    "content-type": "application/json",
    authorization: `Bearer ${stage.mapping.toLiveText(BOOT_TOKEN)}`,
  };
  const answer = await send(stage.origin, {
    method,
    path: stage.mapping.toLiveText(path),
    headers,
    body: stage.mapping.toLive(body),
  });
  if (answer.status !== 200) throw new Error(`setting up ${method} ${path}: status ${answer.status}`);
}

const setTokenTtl =
  (seconds: number) =>
  (stage: Stage): Promise<void> =>
    asBoot(stage, "PATCH", `/api/v1/auth/universal-auth/identities/${APP_IDENTITY}`, {
      accessTokenTTL: seconds,
      accessTokenMaxTTL: 7200,
    });

async function freshCookie(stage: Stage): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await send(stage.origin, { method: "POST", path: "/api/v3/auth/login", headers, body: ADMIN });
  const jid = answer.setCookie.map((line) => /^jid=([^;]+)/.exec(line)?.[1]).find((value) => value !== undefined);
  if (jid !== undefined) stage.mapping.set("<jwt:8>", jid);
}

/** Spoils the signature of a token that is known to be good. */
const tamper = (request: PlainRequest, stage: Stage): PlainRequest => {
  const spoilt = `${stage.mapping.toLiveText(BOOT_TOKEN).slice(0, -10)}AAAAAAAAAA`;
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${spoilt}` } };
};

const withEtag = (request: PlainRequest, stage: Stage): PlainRequest => ({
  ...request,
  headers: { ...request.headers, "if-none-match": stage.etags.get("613") ?? "" },
});

const formType = (request: PlainRequest): PlainRequest => ({
  ...request,
  headers: { ...request.headers, "content-type": "application/x-www-form-urlencoded" },
});

const seedT0: Intervention = {
  why: "T0 in /other was made outside of the recording",
  before: (stage) =>
    asBoot(stage, "POST", "/api/v4/secrets/T0", {
      projectId: PROJECT,
      environment: "dev",
      secretPath: "/other",
      secretValue: "t",
    }),
};

/** By exchange: a number of the server's recording, or `sdk-python:13`. */
export const INTERVENTIONS: Record<string, Intervention> = {
  "51": { why: "the cookie comes from a login outside of the recording", before: freshCookie },
  "54": { why: "a token tampered with", rewrite: tamper },
  "209": passing(1, "the client secret lives 1 s"),
  "239": passing(2, "the token lives 2 s"),
  "301": permissionChange,
  "353": permissionChange,
  "357": permissionChange,
  "363": permissionChange,
  "379": permissionChange,
  "399": { why: "the value was cut", rewrite: longValue },
  "400": { why: "the value was cut", rewrite: longValue },
  "582": seedT0,
  "587": { why: "the recorder's HTTP library sent the form content type by itself", rewrite: formType },
  "614": { why: "the recorder left If-None-Match out of its notes", rewrite: withEtag },
  "777": { why: "the grant starts now", rewrite: startNow },
  "780": passing(20, "the grant lasts 20 s"),
  "783": permissionChange,
  "sdk-python:14": { why: "the test set the token's life to 1 s outside of the log", before: setTokenTtl(1) },
  "sdk-python:15": passing(1, "the token lives 1 s"),
  "sdk-node:1": { why: "the test set the token's life back outside of the log", before: setTokenTtl(3600) },
};
