import type { RunRecord } from "./run-record";
import type { StackResource } from "./state";

/** A resource that a run made or changed, and when that was done, in seconds since the run began. */
export interface Mark {
  name: string;
  type: string;
  act: "created" | "changed";
  at: number;
}

/** What belongs together in a run: from when it could begin to when the last resource of it was done, in seconds. */
export interface Span {
  name: string;
  from: number;
  to: number;
  marks: Mark[];
}

interface Lane {
  name: string;
  takes: (type: string, name: string) => boolean;
  /** Lanes that have to be done before this one can begin. */
  after: string[];
}

const dynamic =
  (...nouns: string[]) =>
  (type: string): boolean =>
    type.startsWith("pulumi-nodejs:dynamic/infisical:") && nouns.some((noun) => type.endsWith(`:${noun}`));

const COMMAND = "command:local:Command";

/** Of the commands of a run, the one that waits for the server. */
function isGate(name: string): boolean {
  return name.endsWith("-ready");
}

const START = "Pulumi and the program start";

const LANES: Lane[] = [
  { name: "keys and passwords", takes: (type) => type.startsWith("random:"), after: [] },
  { name: "images", takes: (type) => type.startsWith("docker:") && type.endsWith(":RemoteImage"), after: [] },
  { name: "network and volumes", takes: (type) => /^docker:.*:(Network|Volume)$/.test(type), after: [] },
  {
    name: "containers",
    takes: (type, name) => /^docker:.*:Container$/.test(type) || (type === COMMAND && !isGate(name)),
    after: ["keys and passwords", "network and volumes"],
  },
  { name: "sandbox process", takes: dynamic("SandboxServer"), after: ["keys and passwords"] },
  {
    name: "the server answers",
    takes: (type, name) => type === COMMAND && isGate(name),
    after: ["containers", "sandbox process"],
  },
  { name: "administrator", takes: dynamic("Administrator"), after: ["the server answers"] },
  {
    name: "projects and folders",
    takes: dynamic("Project", "ProjectTags", "ProjectMembers", "Folder"),
    after: ["administrator"],
  },
  {
    name: "secrets",
    takes: dynamic("Secrets", "SecretImports", "Webhook"),
    after: ["projects and folders"],
  },
  {
    name: "identities and access",
    takes: dynamic("Identity", "ClientSecret", "ProjectAccess"),
    after: ["administrator"],
  },
];

/**
 * A run as the engine noted it: when each resource was done. The engine does not note when it began with one, so a
 * span begins where everything that it waits for was done.
 */
export function timelineOf(resources: StackResource[], run: RunRecord): Span[] {
  const begin = Date.parse(run.started);
  const marks = resources.flatMap((resource) => markOf(resource, begin, Date.parse(run.ended)));
  const [first] = marks.map(({ at }) => at).sort((a, b) => a - b);
  if (first === undefined) return [];
  const spans = new Map<string, Span>();
  for (const { name, takes, after } of LANES) {
    const own = marks.filter(({ type, name: resource }) => takes(type, resource)).sort((a, b) => a.at - b.at);
    const [earliest, latest] = [own[0], own.at(-1)];
    if (earliest === undefined || latest === undefined) continue;
    const ready = Math.max(first, ...after.map((lane) => spans.get(lane)?.to ?? 0));
    spans.set(name, { name, from: Math.min(ready, earliest.at), to: latest.at, marks: own });
  }
  return [{ name: START, from: 0, to: first, marks: [] }, ...spans.values()];
}

function markOf({ urn, type, created, modified }: StackResource, begin: number, end: number): Mark[] {
  const within = (time: string | undefined): boolean =>
    time !== undefined && Date.parse(time) >= begin && Date.parse(time) <= end;
  const name = urn.split("::").at(-1) ?? urn;
  // The stack itself and components are done when they begin.
  if (!LANES.some(({ takes }) => takes(type, name))) return [];
  const mark = (act: Mark["act"], time = ""): Mark[] => [{ name, type, act, at: (Date.parse(time) - begin) / 1_000 }];
  if (within(created)) return mark("created", created);
  return within(modified) ? mark("changed", modified) : [];
}
