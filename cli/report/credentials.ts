import { z } from "zod";
import type { StackResource } from "../core/state";

/** A secret that somebody logs in or encrypts with, and how old it is. */
export interface Credential {
  what: string;
  /** Who it belongs to, or what it is for. */
  of: string;
  /** ISO time. */
  made: string;
  /** When it ends, or that it does not. */
  lives: string;
  /** How another one is made. */
  change: string;
  state: "good" | "due" | "retiring";
}

/** All credentials that a stack made, with their ages. @param now decides what is due. */
export function credentialsIn(resources: StackResource[], now: Date): Credential[] {
  const identities = new Map(
    resources
      .filter(({ type }) => type.endsWith("infisical:Identity"))
      .map(({ id, inputs }) => [id, typeof inputs?.name === "string" ? inputs.name : ""]),
  );
  return [
    ...resources
      .flatMap((resource) => clientSecretsOf(resource, identities, now))
      .sort((a, b) => a.of.localeCompare(b.of)),
    ...resources.flatMap(passwordsOf),
    ...resources.flatMap(automationOf),
  ];
}

const clientSecret = z.object({
  identityId: z.string(),
  generation: z.number(),
  createdAt: z.string(),
  ttl: z.number().default(0),
  rotateAfter: z.number().default(0),
  retiring: z.array(z.object({ generation: z.number().optional(), until: z.string() })).default([]),
});

function clientSecretsOf(
  { type, outputs }: StackResource,
  identities: Map<string | undefined, string>,
  now: Date,
): Credential[] {
  const parsed = clientSecret.safeParse(outputs);
  if (!type.endsWith("infisical:ClientSecret") || !parsed.success) return [];
  const { identityId, generation, createdAt, ttl, rotateAfter, retiring } = parsed.data;
  const identity = identities.get(identityId) ?? identityId;
  const ends = ttl === 0 ? undefined : Date.parse(createdAt) + ttl * 1_000;
  const dueAt = rotateAfter === 0 ? undefined : Date.parse(createdAt) + rotateAfter * 1_000;
  const due = [ends, dueAt].some((time) => time !== undefined && time <= now.getTime());
  return [
    {
      what: `client secret ${generation}`,
      of: identity,
      made: createdAt,
      lives: ends === undefined ? "never" : shortTime(new Date(ends).toISOString()),
      change: dueAt === undefined ? `npm run rotate -- ${identity}` : `up, when it is ${durationOf(rotateAfter)} old`,
      state: due ? "due" : "good",
    },
    ...retiring.map(({ generation: old, until }): Credential => ({
      what: old === undefined ? "client secret before it" : `client secret ${old}`,
      of: identity,
      made: "",
      lives: shortTime(until),
      change: "the first up after that",
      state: "retiring",
    })),
  ];
}

/** Names of generated passwords, by how the resource's name ends; a number of its generation may follow. */
const PASSWORDS: { ends: RegExp; what: string; of: string; change: string }[] = [
  {
    ends: /-encryption-key$/,
    what: "encryption key",
    of: "everything in the database",
    change: "nothing: it opens the data",
  },
  { ends: /-auth-secret$/, what: "session key", of: "the server", change: "nothing: it is frozen" },
  { ends: /-postgres-password(-\d+)?$/, what: "password", of: "Postgres", change: "npm run rotate -- server:postgres" },
  { ends: /-redis-password(-\d+)?$/, what: "password", of: "Redis", change: "npm run rotate -- server:redis" },
  { ends: /-admin-password(-\d+)?$/, what: "password", of: "the administrator", change: "the web page" },
];

function passwordsOf({ type, urn, created }: StackResource): Credential[] {
  if (!type.endsWith(":RandomPassword") || created === undefined) return [];
  const name = urn.split("::").at(-1) ?? urn;
  const known = PASSWORDS.find(({ ends }) => ends.test(name));
  const { what, of, change } = known ?? {
    what: "generated value",
    of: name,
    change: "its generation in the blueprint",
  };
  return [{ what, of, made: created, lives: "never", change, state: "good" }];
}

function automationOf({ type, created, modified, inputs }: StackResource): Credential[] {
  if (!type.endsWith("infisical:Administrator") || created === undefined) return [];
  const generation = typeof inputs?.generation === "number" ? inputs.generation : 1;
  return [
    {
      what: `client secret ${generation}`,
      of: "this program's own identity",
      // A later one was made with a change of the resource; the engine keeps the time of the last change only.
      made: generation === 1 ? created : (modified ?? created),
      lives: "never",
      change: "npm run rotate -- server:automation",
      state: "good",
    },
  ];
}

/** `2026-11-24 07:12 UTC`. */
export function shortTime(iso: string): string {
  const time = new Date(iso).toISOString();
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}

/** In the largest unit that says it: `3 days`. @param seconds not negative */
export function durationOf(seconds: number): string {
  const units: [name: string, seconds: number][] = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ];
  const [name, size] = units.find(([, unit]) => seconds >= unit) ?? ["second", 1];
  const count = Math.floor(seconds / size);
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
