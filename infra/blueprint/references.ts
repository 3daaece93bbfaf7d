import type { Problem } from "./problem";
import { coversFolder, type Blueprint, type FolderAddress, type GrantPlan, type ProjectPlan } from "./schema";

/** A key in a folder of an environment. */
interface Place extends FolderAddress {
  key: string;
}

/** One `${...}` in a literal, or one import of a folder. */
interface Edge {
  from: string;
  to: string;
  path: Problem["path"];
}

/** What Infisical takes for a reference: a key of the same folder, or `environment.folder.folder.KEY`. */
const REFERENCE = /\$\{([^}]*)\}/g;
const NAMES = /^[A-Za-z0-9_.-]+$/;

/** The places that a value refers to. */
export function referencesIn(value: string, from: FolderAddress): Place[] {
  return [...value.matchAll(REFERENCE)].map(([, inner = ""]) => {
    const parts = inner.split(".");
    const key = parts.at(-1) ?? "";
    if (parts.length === 1) return { ...from, key };
    return { environment: parts[0] ?? "", path: `/${parts.slice(1, -1).join("/")}`, key };
  });
}

/**
 * References and imports that lead nowhere or in a circle. Infisical makes nothing of a missing one, in silence, and
 * there is no way to write `${` without its being taken for one.
 */
export function referenceProblems(blueprint: Blueprint): Problem[] {
  return Object.entries(blueprint.projects).flatMap(([slug, project]) => [
    ...literalsOf(project).flatMap((literal) => danglingIn(project, slug, literal)),
    ...importsOf(project, slug).flatMap(({ address, path }) => missingFolder(project, address, path)),
    ...circles(literalsOf(project).flatMap((literal) => edgesOf(slug, literal))),
    ...circles(importsOf(project, slug).map(({ from, address, path }) => ({ from, to: folderName(address), path }))),
  ]);
}

/** Folders that a readable folder draws on and that the identity cannot read: its whole list is refused then. */
export function unreadableReferences(blueprint: Blueprint): Problem[] {
  return Object.entries(blueprint.identities).flatMap(([name, { grants }]) =>
    grants.flatMap((grant, index) => {
      const project = blueprint.projects[grant.project];
      if (project === undefined) return [];
      const reads = (place: FolderAddress): boolean => grants.some((one) => covers(one, grant.project, place));
      return literalsOf(project)
        .filter((literal) => covers(grant, grant.project, literal.place))
        .flatMap(({ place, value }) => referencesIn(value, place).map((target) => ({ place, target })))
        .filter(({ target }) => !reads(target))
        .map(({ place, target }) => ({
          path: ["identities", name, "grants", index],
          text:
            `${addressText(place)} refers to ${addressText(target)}, which this identity may not read; Infisical then ` +
            `refuses the whole list. Grant ${folderName(target)} too, or do without the reference`,
        }));
    }),
  );
}

interface Literal {
  place: Place;
  value: string;
}

function literalsOf(project: ProjectPlan): Literal[] {
  return Object.entries(project.secrets).flatMap(([environment, folders]) =>
    Object.entries(folders).flatMap(([path, keys]) =>
      Object.entries(keys).flatMap(([key, secret]) =>
        "literal" in secret && secret.literal.includes("${")
          ? [{ place: { environment, path, key }, value: secret.literal }]
          : [],
      ),
    ),
  );
}

function danglingIn(project: ProjectPlan, slug: string, { place, value }: Literal): Problem[] {
  const path = pathOf(slug, place);
  if ((value.match(/\$\{/g) ?? []).length !== [...value.matchAll(REFERENCE)].length) {
    return [{ path, text: "a reference is opened by ${ and not closed by }" }];
  }
  return referencesIn(value, place).flatMap((target) => {
    const name = addressText(target);
    if (!NAMES.test(target.key)) return [{ path, text: `\${...} holds "${target.key}", which is no reference` }];
    if (project.secrets[target.environment]?.[target.path]?.[target.key] !== undefined) return [];
    return [
      {
        path,
        text:
          `refers to ${name}, which is not in this blueprint; Infisical would put nothing in its place, in silence. ` +
          "Correct it, or add that key (ownership: must-fill, if others write it)",
      },
    ];
  });
}

function importsOf(project: ProjectPlan, slug: string) {
  return Object.entries(project.folders).flatMap(([environment, folders]) =>
    Object.entries(folders).flatMap(([path, folder]) =>
      folder.imports.map((address, index) => ({
        from: folderName({ environment, path }),
        address,
        path: ["projects", slug, "folders", environment, path, "imports", index],
      })),
    ),
  );
}

function missingFolder(project: ProjectPlan, address: FolderAddress, path: Problem["path"]): Problem[] {
  const known = Object.keys(project.folders[address.environment] ?? {});
  const there = address.path === "/" || known.some((one) => one === address.path || one.startsWith(`${address.path}/`));
  if (address.environment in project.environments && there) return [];
  return [{ path, text: `there is no folder ${folderName(address)} in this blueprint; list it under folders` }];
}

function edgesOf(slug: string, { place, value }: Literal): Edge[] {
  return referencesIn(value, place).map((target) => ({
    from: addressText(place),
    to: addressText(target),
    path: pathOf(slug, place),
  }));
}

/** One problem for each circle, told from the place where it is first met. */
function circles(edges: Edge[]): Problem[] {
  const out = new Map<string, Edge[]>();
  for (const edge of edges) out.set(edge.from, [...(out.get(edge.from) ?? []), edge]);
  const problems: Problem[] = [];
  const done = new Set<string>();
  const walk = (name: string, trail: Edge[]): void => {
    const start = trail.findIndex(({ from }) => from === name);
    const first = trail[start];
    if (first !== undefined) {
      const names = [...trail.slice(start).map(({ from }) => from), name];
      problems.push({ path: first.path, text: `a circle: ${names.join(" -> ")}` });
      return;
    }
    if (done.has(name)) return;
    for (const edge of out.get(name) ?? []) walk(edge.to, [...trail, edge]);
    done.add(name);
  };
  for (const name of out.keys()) walk(name, []);
  return problems;
}

function covers(grant: GrantPlan, project: string, { environment, path }: FolderAddress): boolean {
  return grant.project === project && grant.environment === environment && coversFolder(grant, path);
}

function pathOf(slug: string, { environment, path, key }: Place): Problem["path"] {
  return ["projects", slug, "secrets", environment, path, key];
}

function folderName({ environment, path }: FolderAddress): string {
  return `${environment}:${path}`;
}

function addressText({ environment, path, key }: Place): string {
  return `${environment}:${path === "/" ? "" : path}/${key}`;
}
