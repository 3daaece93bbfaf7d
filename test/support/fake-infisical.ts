import type { Connection } from "../../infra/api/session";
import { serve, type Received, type Reply } from "./http-server";

export interface FakeIdentity {
  id: string;
  name: string;
  role: string;
  metadata: { key: string; value: string }[];
  auth?: { clientId: string; settings: { [name: string]: unknown } };
  secrets: FakeClientSecret[];
}

export interface FakeClientSecret {
  id: string;
  value: string;
  description: string;
  revoked: boolean;
  ttl: number;
  numUsesLimit: number;
  numUses: number;
  createdAt: string;
}

export interface FakePrivilege {
  id: string;
  identityId: string;
  slug: string;
  permissions: object[];
  type: { isTemporary?: boolean; temporaryRange?: string; temporaryAccessStartTime?: string };
}

export interface FakeProject {
  id: string;
  slug: string;
  name: string;
  description: string | null;
  environments: { id: string; slug: string; name: string; position: number }[];
  admins: string[];
  folders: { id: string; environment: string; path: string; description: string | null }[];
  secrets: { environment: string; path: string; key: string; value: string; version: number }[];
  members: Map<string, string[]>;
  privileges: FakePrivilege[];
}

/** What the fake holds; a test may look into it and change it behind the program's back. */
export interface World {
  administrator?: { email: string; password: string };
  allowSignUp: boolean;
  organization: { id: string; name: string };
  identities: FakeIdentity[];
  projects: FakeProject[];
  /** Access tokens that are good. */
  tokens: Set<string>;
}

export interface Route {
  method: string;
  path: RegExp;
  /** No token is needed. */
  open?: boolean;
  answer: (world: World, request: Received, ids: string[]) => unknown;
}

/** An answer with an error status, in Infisical's form. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly error: string,
    message: string,
  ) {
    super(message);
  }
}

export interface FakeInfisical {
  url: string;
  world: World;
  received: Received[];
  /** Of the automation identity, which is in the world already. */
  connection: Connection;
  /** Carries the next such request out, and drops the connection instead of the answer. `POST /api/v2/folders`. */
  loseAnswer(request: string): void;
  /** Refuses the next such request, which then is not carried out. */
  refuseNext(request: string, refused: Refused): void;
  /** How many such requests came in. */
  count(request: string): number;
}

let lastId = 0;

export function newId(noun: string): string {
  lastId += 1;
  return `${noun}-${lastId}`;
}

/**
 * An Infisical in memory, only as large as the tests of the program need it, with faults on demand. Its answers have
 * the form of the recorded ones; that the program works with more than this fake is for the end-to-end tests to show.
 */
export async function startFake(routes: Route[]): Promise<FakeInfisical> {
  const world: World = {
    allowSignUp: true,
    organization: { id: newId("organization"), name: "Admin Org" },
    identities: [],
    projects: [],
    tokens: new Set(),
  };
  const losses: string[] = [];
  const refusals: { request: string; refused: Refused }[] = [];
  const { url, received } = await serve((request) => {
    const what = `${request.method} ${request.path}`;
    const refusal = taken(refusals, (planned) => matches(what, planned.request));
    const reply = refusal === undefined ? answerOf(routes, world, request) : replyOf(refusal.refused);
    return taken(losses, (planned) => matches(what, planned)) === undefined ? reply : "hang up";
  });
  return {
    url,
    world,
    received,
    connection: { url, ...addAutomation(world) },
    loseAnswer: (request) => losses.push(request),
    refuseNext: (request, refused) => refusals.push({ request, refused }),
    count: (request) => received.filter(({ method, path }) => matches(`${method} ${path}`, request)).length,
  };
}

function addAutomation(world: World): { clientId: string; clientSecret: string } {
  const secret = newClientSecret({ description: "automation" });
  const identity: FakeIdentity = {
    id: newId("identity"),
    name: "pulumi-automation",
    role: "admin",
    metadata: [],
    auth: {
      clientId: newId("client"),
      settings: {},
    },
    secrets: [secret],
  };
  world.identities.push(identity);
  return { clientId: identity.auth?.clientId ?? "", clientSecret: secret.value };
}

export function newClientSecret(wanted: Partial<FakeClientSecret>): FakeClientSecret {
  const id = newId("client-secret");
  const defaults = { revoked: false, ttl: 0, numUsesLimit: 0, numUses: 0, description: "" };
  return { ...defaults, createdAt: new Date().toISOString(), ...wanted, id, value: `value-of-${id}` };
}

function answerOf(routes: Route[], world: World, request: Received): Reply {
  const route = routes.find(({ method, path }) => method === request.method && path.test(request.path));
  if (route === undefined) {
    const message = `Route ${request.method}:${request.path} not found`;
    return { status: 404, json: { message, error: "Not Found", statusCode: 404 } };
  }
  try {
    const token = (request.headers.authorization ?? "").replace("Bearer ", "");
    if (route.open !== true && !world.tokens.has(token)) throw new Refused(403, "TokenError", "Token has expired");
    const ids = route.path.exec(request.path)?.slice(1) ?? [];
    return { json: route.answer(world, request, ids) ?? {} };
  } catch (thrown) {
    if (thrown instanceof Refused) return replyOf(thrown);
    return replyOf(new Refused(500, "InternalServerError", String(thrown)));
  }
}

function replyOf({ status, error, message }: Refused): Reply {
  return { status, json: { reqId: "req-1", statusCode: status, error, message } };
}

/** `POST /api/v2/folders` is that request, `DELETE /api/v1/identities/*` any below it. */
function matches(what: string, planned: string): boolean {
  return planned.endsWith("*") ? what.startsWith(planned.slice(0, -1)) : what === planned;
}

function taken<T>(list: T[], wanted: (entry: T) => boolean): T | undefined {
  const index = list.findIndex(wanted);
  return index === -1 ? undefined : list.splice(index, 1)[0];
}
