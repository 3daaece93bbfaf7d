import type { Blueprint, GrantPlan } from "../../infra/blueprint/schema";

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
const MANAGEMENT = ["create folder", "list members", "create project", "create identity", "mint client secret"];

/** A name that no blueprint has. */
const NOBODYS_KEY = "VERIFY_PROBE_THAT_IS_NOT_THERE";

/** Every identity at every place of the blueprint, and at the root of every environment. */
export function accessMatrix(plan: Blueprint): Cell[] {
  const cells: Cell[] = [];
  const add = (cell: Omit<Cell, "id">): void => void cells.push({ id: cells.length, ...cell });
  for (const [identity, { grants }] of Object.entries(plan.identities)) {
    for (const place of placesOf(plan)) {
      for (const action of SECRET_ACTIONS) {
        // A list of an empty folder says nothing.
        if (action === "list" && place.keys.length === 0) continue;
        const key = action === "read" ? (place.keys[0] ?? NOBODYS_KEY) : NOBODYS_KEY;
        const allowed = grants.some((grant) => covers(plan, grant, place, action));
        const { project, environment, path } = place;
        add({ identity, action, project, environment, path, key, expected: allowed ? "allowed" : "denied" });
      }
    }
    const [first] = placesOf(plan);
    for (const action of first === undefined ? [] : MANAGEMENT) {
      const { project, environment } = first ?? { project: "", environment: "" };
      add({ identity, action, project, environment, path: "/", key: "", expected: "denied" });
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
      const paths = new Set(["/", ...(folders[environment] ?? []), ...Object.keys(inIt)]);
      return [...paths].map((path) => ({ project, environment, path, keys: Object.keys(inIt[path] ?? {}) }));
    }),
  );
}

/** Whether a grant allows an action in a folder. A path that ends in `/**` covers the folder and all below it. */
function covers(plan: Blueprint, grant: GrantPlan, place: Place, action: string): boolean {
  const actions: readonly string[] = grant.actions;
  const project = grant.project ?? Object.keys(plan.projects)[0];
  const tree = grant.path.endsWith("/**") ? grant.path.slice(0, -"/**".length) : undefined;
  const inPath =
    tree === undefined ? place.path === grant.path : place.path === tree || place.path.startsWith(`${tree}/`);
  const inAction = WRITING.includes(action) ? actions.includes("write") : actions.includes("read");
  return project === place.project && grant.environment === place.environment && inPath && inAction;
}
