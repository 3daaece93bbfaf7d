import { coversFolder, type Blueprint, type GrantPlan } from "../../infra/blueprint/schema";

/** What an identity may try, and whether the blueprint lets it. */
export interface Cell {
  id: number;
  identity: string;
  action: string;
  /** Slug of the project. */
  project: string;
  environment: string;
  path: string;
  /** A secret that is there for `read`; a name that is not there for everything that would change something. */
  key: string;
  expected: "allowed" | "denied";
}

/** Actions on secrets, which both SDKs know. */
export const SECRET_ACTIONS: readonly string[] = ["read", "list", "create", "update", "delete"];
const WRITING: readonly string[] = ["create", "update", "delete"];
/** What no application's identity may do, whatever it was granted. */
const MANAGEMENT = [
  "create folder",
  "list members",
  "edit project",
  "create project",
  "create identity",
  "mint client secret",
];

/** Begins names that no blueprint has; each cell has one of its own, so that tries side by side do not meet. */
const NOBODYS_KEY = "VERIFY_PROBE_THAT_IS_NOT_THERE";

/**
 * Every identity at every place of the blueprint, and at the root of every environment.
 * @param now decides whether a grant with an end still holds.
 */
export function accessMatrix(plan: Blueprint, now: Date): Cell[] {
  const cells: Cell[] = [];
  const places = placesOf(plan);
  const add = (cell: Omit<Cell, "id">): void => void cells.push({ id: cells.length, ...cell });
  for (const [identity, { grants }] of Object.entries(plan.identities)) {
    const holding = grants.filter(({ until }) => until === undefined || Date.parse(until) > now.getTime());
    for (const { project, environment, path, keys } of places) {
      for (const action of SECRET_ACTIONS) {
        // A list of an empty folder says nothing.
        if (action === "list" && keys.length === 0) continue;
        const key = action === "read" ? (keys[0] ?? NOBODYS_KEY) : `${NOBODYS_KEY}_${cells.length}`;
        const allowed = holding.some((grant) => covers(grant, { project, environment, path }, action));
        add({ identity, action, project, environment, path, key, expected: allowed ? "allowed" : "denied" });
      }
    }
    for (const project of Object.keys(plan.projects)) {
      const environment = Object.keys(plan.projects[project]?.environments ?? {})[0] ?? "";
      for (const action of MANAGEMENT) {
        add({ identity, action, project, environment, path: "/", key: "", expected: "denied" });
      }
    }
  }
  return cells;
}

interface Place {
  project: string;
  environment: string;
  path: string;
  keys: string[];
}

function placesOf(plan: Blueprint): Place[] {
  return Object.entries(plan.projects).flatMap(([project, { environments, folders, secrets }]) =>
    Object.keys(environments).flatMap((environment) => {
      const inIt = secrets[environment] ?? {};
      const named = [...Object.keys(folders[environment] ?? {}), ...Object.keys(inIt)];
      const paths = new Set(["/", ...named.flatMap(withParents)]);
      return [...paths].map((path) => ({ project, environment, path, keys: Object.keys(inIt[path] ?? {}) }));
    }),
  );
}

/** A folder brings those above it along. */
function withParents(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.map((_, depth) => `/${parts.slice(0, depth + 1).join("/")}`);
}

function covers(grant: GrantPlan, place: Omit<Place, "keys">, action: string): boolean {
  const wanted = WRITING.includes(action) ? "write" : "read";
  const there = grant.project === place.project && grant.environment === place.environment;
  return there && coversFolder(grant, place.path) && grant.actions.includes(wanted);
}
