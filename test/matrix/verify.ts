import { setTimeout as pause } from "node:timers/promises";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { MatrixRow } from "../../cli/commands/matrix";
import { figuresOf } from "../../cli/commands/verify";
import { readBlueprint } from "../../cli/core/blueprint";
import { describeVerdict, isSurprise, verdictsFor, type Verdict } from "../../cli/core/verdicts";
import { objectsAt, stringAt } from "../../infra/api/answer";
import { asAdministrator, identitiesNamed, type ServerView } from "../support/server-view";
import { TestStack } from "../support/stack";

const SERVICES = ["billing", "checkout", "ingest", "reports", "search"];
const KINDS = ["database", "queue", "web"];
/** Long enough for an `up` and a `verify` on a busy machine. */
const TEMPORARY_MS = 90_000;

/** What `verify` says of stacks that are as they should be, and of some that are not: each row is a whole matrix. */
export async function rows(): Promise<MatrixRow[]> {
  const stack = await TestStack.open({ target: "sandbox" });
  try {
    await stack.up();
    return [...(await oneIdentity(stack)), ...(await manyServices(stack))];
  } finally {
    await stack.dispose();
  }
}

async function oneIdentity(stack: TestStack): Promise<MatrixRow[]> {
  const asMade = await look(stack);
  await widen(stack, "rag-sdk-identity", "dev", "/");
  const widened = await look(stack);
  await stack.up("--refresh");
  const putRight = await look(stack);
  return [
    row("my-rag as it is made: no surprise", asMade, (seen) => surprisesOf(seen).length === 0),
    row("my-rag, read on dev:/ added by hand: that cell is named", widened, (seen) =>
      namesExactly(seen, "allowed", (one) => one.action === "read" && one.environment === "dev" && one.path === "/"),
    ),
    row("my-rag after the next `up`: put right", putRight, (seen) => surprisesOf(seen).length === 0),
  ];
}

async function manyServices(stack: TestStack): Promise<MatrixRow[]> {
  const end = new Date(Date.now() + TEMPORARY_MS);
  stack.configure({ blueprint: servicesBlueprint(stack, end) });
  await stack.up();
  const during = await look(stack);
  await takeAway(stack, "search");
  const narrowed = await look(stack);
  await stack.up("--refresh");
  while (Date.now() <= end.getTime()) await pause(end.getTime() - Date.now() + 1);
  const after = await look(stack);
  const temporary = (one: Verdict): boolean => one.identity === "billing" && one.path === "/billing/web";
  return [
    row("5 services x 3 paths as they are made: no surprise", during, (seen) => surprisesOf(seen).length === 0),
    row("a grant with an end, before it: allowed", during.filter(temporary), (seen) =>
      seen.some(
        ({ action, environment, seen: saw }) => action === "read" && environment === "dev" && saw === "allowed",
      ),
    ),
    row("5 services, the privilege of one taken away by hand: its cells are named", narrowed, (seen) =>
      namesExactly(seen, "denied", (one) => one.identity === "search" && one.expected === "allowed"),
    ),
    row("a grant with an end, after it: refused, and no surprise", after, (seen) => {
      const reads = seen.filter((one) => temporary(one) && one.environment === "dev" && one.action === "read");
      return surprisesOf(seen).length === 0 && reads.length > 0 && reads.every(({ seen: saw }) => saw === "denied");
    }),
  ];
}

/**
 * Each service with three folders in three environments: its own, one of them for a time only; `ingest` may write,
 * `reports` has everything below its folder, and `search` reads in two environments.
 */
function servicesBlueprint(stack: TestStack, end: Date): string {
  const environments = { dev: "Development", staging: "Staging", prod: "Production" };
  const keys = Object.fromEntries(
    SERVICES.flatMap((service) =>
      KINDS.map((kind) => [`/${service}/${kind}`, { [`${kind.toUpperCase()}_URL`]: service }]),
    ),
  );
  const grant = (service: string, kind: string): object => ({
    environment: service === "search" ? ["dev", "staging"] : "dev",
    path: `/${service}/${kind}`,
    actions: service === "ingest" ? ["read", "write"] : ["read"],
    ...(service === "billing" && kind === "web" ? { until: end.toISOString() } : {}),
  });
  const grants = (service: string): object[] =>
    service === "reports" ? [{ environment: "dev", path: "/reports/**" }] : KINDS.map((kind) => grant(service, kind));
  const blueprint = {
    projects: { services: { name: "Services", environments, secrets: { "*": keys } } },
    identities: Object.fromEntries(SERVICES.map((service) => [service, { grants: grants(service) }])),
  };
  const file = join(stack.backend.folder, "services.yaml");
  writeFileSync(file, stringify(blueprint));
  return file;
}

async function look(stack: TestStack): Promise<Verdict[]> {
  return (await verdictsFor(stack.workspace, readBlueprint(stack.workspace, { endedGrants: "keep" }))).all;
}

function surprisesOf(seen: Verdict[]): Verdict[] {
  return seen.filter(isSurprise);
}

/** The surprises are the cells that are meant, by every SDK, and no other. */
function namesExactly(seen: Verdict[], saw: Verdict["seen"], meant: (one: Verdict) => boolean): boolean {
  const surprises = surprisesOf(seen);
  const wanted = seen.filter(meant);
  return (
    surprises.length > 0 &&
    surprises.length === wanted.length &&
    surprises.every((one) => meant(one) && one.seen === saw)
  );
}

function row(name: string, seen: Verdict[], isRight: (seen: Verdict[]) => boolean): MatrixRow {
  const figures = Object.entries(figuresOf(seen)).map(([figure, count]) => `${figure} ${count}`);
  const surprises = surprisesOf(seen);
  const named = surprises.slice(0, 4).map(describeVerdict);
  const more = surprises.length > named.length ? [`and ${surprises.length - named.length} more`] : [];
  return { case: name, seen: [figures.join(", "), ...named, ...more].join("\n"), ok: isRight(seen) };
}

async function widen(stack: TestStack, identity: string, environment: string, path: string): Promise<void> {
  await behindTheBack(stack, identity, async (view, member) => {
    const conditions = { environment: { $eq: environment }, secretPath: { $eq: path } };
    const permissions = [{ subject: "secrets", action: ["describeSecret", "readValue"], conditions }];
    const body = { ...member, slug: "by-hand", permissions, type: { isTemporary: false } };
    await view.ask({ method: "POST", path: PRIVILEGES, body });
  });
}

async function takeAway(stack: TestStack, identity: string): Promise<void> {
  await behindTheBack(stack, identity, async (view, member) => {
    const listed = objectsAt(await view.ask({ method: "GET", path: PRIVILEGES, query: member }), "privileges");
    for (const one of listed) await view.ask({ method: "DELETE", path: `${PRIVILEGES}/${stringAt(one, "id")}` });
  });
}

const PRIVILEGES = "/api/v2/identity-project-additional-privilege";

async function behindTheBack(
  stack: TestStack,
  identity: string,
  change: (view: ServerView, member: { identityId: string; projectId: string }) => Promise<void>,
): Promise<void> {
  const outputs = await stack.outputs();
  await asAdministrator(outputs, async (view) => {
    const identityId = (await identitiesNamed(view, identity))[0] ?? "";
    await change(view, { identityId, projectId: String(outputs.projectId) });
  });
}
