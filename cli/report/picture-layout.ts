import { coversFolder } from "../../infra/blueprint/schema";
import type { Built, BuiltGrant, BuiltIdentity } from "./built";

/** Sizes of the picture, in its own units. */
export const ROW = 30;
/** A folder with keys has one or two more lines for their names. */
export const KEYS_LINE = 15;
const KEY_LINES = 2;
/** Characters that such a line has room for. */
const KEYS_WIDTH = 46;
export const WIDTH = 1122;
export const COLUMNS = {
  server: { x: 0, width: 318 },
  projects: { x: 372, width: 364 },
  identities: { x: 852, width: 268 },
} as const;
const TOP = 44;
const GAP = 20;
const BAND_HEAD = 30;
const PROJECT_HEAD = 40;
const IDENTITY_HEAD = 58;

/** A line of a folder, which grants point to. */
export interface FolderRow {
  y: number;
  height: number;
  path: string;
  keys: string[];
  /** The names of the keys, as many as there is room for. */
  keyLines: string[];
}

export interface Band {
  y: number;
  height: number;
  slug: string;
  name: string;
  rows: FolderRow[];
}

export interface ProjectBox {
  y: number;
  height: number;
  slug: string;
  bands: Band[];
}

export interface IdentityBox {
  y: number;
  height: number;
  identity: BuiltIdentity;
  /** One line for each grant. */
  rows: { y: number; grant: BuiltGrant }[];
}

/** From a grant of an identity to a folder that it opens. */
export interface Line {
  fromY: number;
  toY: number;
  grant: BuiltGrant;
}

export interface Layout {
  height: number;
  serverY: number;
  projects: ProjectBox[];
  identities: IdentityBox[];
  lines: Line[];
}

/** Where everything goes. The server has a height of its own; the picture is as high as its highest column. */
export function layOut(built: Built, serverHeight: number): Layout {
  const projects = placeProjects(built);
  const places = placesIn(projects);
  const identities = placeIdentities(besideTheirFolders(built.identities, places));
  const bottoms = [TOP + serverHeight, ...[...projects, ...identities].map(({ y, height }) => y + height)];
  const height = Math.max(...bottoms) + 4;
  return { height, serverY: TOP, projects, identities, lines: linesBetween(identities, places) };
}

function placeProjects({ projects, identities }: Built): ProjectBox[] {
  const grants = identities.flatMap((identity) => identity.grants);
  let y = TOP;
  return projects.map(({ slug, environments }) => {
    const top = y;
    y += PROJECT_HEAD;
    const bands = environments.map((environment): Band => {
      const granted = grants
        .filter((grant) => grant.project === slug && grant.environment === environment.slug)
        .map(({ path }) => path.replace(/\/\*\*$/, "") || "/");
      const known = new Map(environment.folders.map((folder) => [folder.path, folder.keys]));
      // A grant may name a folder that the stack did not make, such as the root.
      for (const path of granted) if (!known.has(path)) known.set(path, []);
      const bandTop = y;
      const rows = placeFolders(known, bandTop + BAND_HEAD);
      const last = rows.at(-1);
      const height = last === undefined ? BAND_HEAD + 4 : last.y + last.height + 8 - bandTop;
      y += height + 8;
      return { y: bandTop, height, slug: environment.slug, name: environment.name, rows };
    });
    const height = y - top + 4;
    y += 4 + GAP;
    return { y: top, height, slug, bands };
  });
}

function placeFolders(folders: Map<string, string[]>, top: number): FolderRow[] {
  let y = top;
  return [...folders]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([path, keys]) => {
      const keyLines = linesOf(keys);
      const height = ROW - 4 + keyLines.length * KEYS_LINE + (keyLines.length > 0 ? 2 : 0);
      const row = { y, height, path, keys, keyLines };
      y += row.height + 4;
      return row;
    });
}

/** Names in as few lines as they need; what does not fit is an ellipsis. */
function linesOf(names: string[]): string[] {
  const lines: string[] = [];
  for (const [index, name] of names.entries()) {
    const word = index < names.length - 1 ? `${name},` : name;
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${word}`.length <= KEYS_WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  const shown = lines.slice(0, KEY_LINES);
  if (lines.length > KEY_LINES) shown[KEY_LINES - 1] = `${shown[KEY_LINES - 1]} …`;
  return shown.map((line) => (line.length <= KEYS_WIDTH + 2 ? line : `${line.slice(0, KEYS_WIDTH - 1)}…`));
}

function placeIdentities(identities: BuiltIdentity[]): IdentityBox[] {
  let y = TOP;
  return identities.map((identity) => {
    const rows = identity.grants.map((grant, index) => ({ y: y + IDENTITY_HEAD + index * ROW, grant }));
    const height = IDENTITY_HEAD + Math.max(1, rows.length) * ROW + 8;
    const box = { y, height, identity, rows };
    y += height + GAP;
    return box;
  });
}

interface FolderPlace {
  project: string;
  environment: string;
  path: string;
  toY: number;
}

function placesIn(projects: ProjectBox[]): FolderPlace[] {
  return projects.flatMap(({ slug, bands }) =>
    bands.flatMap((band) =>
      band.rows.map(({ y, height, path }) => ({
        project: slug,
        environment: band.slug,
        path,
        toY: y + height / 2,
      })),
    ),
  );
}

function opened(grant: BuiltGrant, places: FolderPlace[]): FolderPlace[] {
  return places.filter(
    ({ project, environment, path }) =>
      project === grant.project && environment === grant.environment && coversFolder(grant, path),
  );
}

/** Identities, and the grants of each, in the order of the folders that they open, so that few lines cross. */
function besideTheirFolders(identities: BuiltIdentity[], places: FolderPlace[]): BuiltIdentity[] {
  const middle = (grants: BuiltGrant[]): number => {
    const ys = grants.flatMap((grant) => opened(grant, places).map(({ toY }) => toY));
    return ys.length === 0 ? Infinity : ys.reduce((sum, y) => sum + y, 0) / ys.length;
  };
  const before = (a: number, b: number): number => (a === b ? 0 : a - b);
  return identities
    .map((identity) => ({ ...identity, grants: [...identity.grants].sort((a, b) => before(middle([a]), middle([b]))) }))
    .sort((a, b) => before(middle(a.grants), middle(b.grants)) || a.name.localeCompare(b.name));
}

function linesBetween(identities: IdentityBox[], places: FolderPlace[]): Line[] {
  return identities.flatMap(({ rows }) =>
    rows.flatMap(({ y, grant }) => opened(grant, places).map(({ toY }) => ({ fromY: y + ROW / 2, toY, grant }))),
  );
}
