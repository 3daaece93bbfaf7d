import { Document } from "yaml";
import type { LiveFolder, LiveProject } from "./live-project";

/** A blueprint that describes a live project, and the values of its secrets. */
export interface Pulled {
  /** YAML. */
  blueprint: string;
  /** By `environment:path/KEY`. */
  values: { [address: string]: string };
}

interface Wanted {
  /** Path of the file of the values, as the blueprint is to name it; nothing: the values stay on the server. */
  valuesFile: string | undefined;
  url: string;
}

/** Says of a live project what a blueprint can say. */
export function pulledBlueprint(live: LiveProject, wanted: Wanted): Pulled {
  const values: Pulled["values"] = {};
  const { project, environments, tags, members } = live;
  const content = {
    projects: {
      [project.slug]: {
        name: project.name,
        ...unless("", { description: project.description }),
        environments: Object.fromEntries(environments.map(({ slug, name }) => [slug, name])),
        ...some("members", Object.fromEntries(members.map(({ email, role }) => [email, role]))),
        ...some("tags", Object.fromEntries(tags.map(({ slug, color }) => [slug, color]))),
        ...some("folders", eachEnvironment(live, foldersOf)),
        ...some(
          "secrets",
          eachEnvironment(live, (folders, environment) => secretsOf(folders, environment, wanted, values)),
        ),
      },
    },
  };
  const document = new Document(content);
  document.commentBefore =
    ` yaml-language-server: $schema=./schema.json\n\n` +
    ` What ${wanted.url} had in project ${project.slug} when it was pulled. Identities are not among it: their client\n` +
    ` secrets cannot be read back. Name under \`identities\` those that this stack is to make.`;
  const blueprint = document.toString({ defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN", lineWidth: 120 });
  return { blueprint, values };
}

function eachEnvironment(
  { environments }: LiveProject,
  describe: (folders: LiveFolder[], environment: string) => object,
): { [environment: string]: object } {
  const described = environments.map(({ slug, folders }): [string, object] => [slug, describe(folders, slug)]);
  return Object.fromEntries(described.filter(([, content]) => Object.keys(content).length > 0));
}

/** Those of which there is something to say, or that hold no secret and would be missing otherwise. */
function foldersOf(folders: LiveFolder[], environment: string): object {
  const said = folders.map((folder): [string, object] => [folder.path, aboutFolder(folder, environment)]);
  const hasSecrets = (path: string): boolean => folders.some((one) => one.path === path && one.secrets.length > 0);
  return Object.fromEntries(
    said.filter(([path, about]) => Object.keys(about).length > 0 || (path !== "/" && !hasSecrets(path))),
  );
}

function aboutFolder({ description, imports, webhooks }: LiveFolder, environment: string): object {
  const address = (from: { environment: string; path: string }): string =>
    from.environment === environment ? from.path : `${from.environment}:${from.path}`;
  return {
    ...unless("", { description }),
    ...(imports.length === 0 ? {} : { imports: imports.map(address) }),
    ...(webhooks.length === 0
      ? {}
      : { webhooks: webhooks.map(({ url, type, enabled }) => ({ url, type, ...(enabled ? {} : { enabled }) })) }),
  };
}

function secretsOf(
  folders: LiveFolder[],
  environment: string,
  { valuesFile }: Wanted,
  values: Pulled["values"],
): object {
  return Object.fromEntries(
    folders
      .filter(({ secrets }) => secrets.length > 0)
      .map(({ path, secrets }) => [
        path,
        Object.fromEntries(
          [...secrets]
            .sort((a, b) => (a.key < b.key ? -1 : 1))
            .map(({ key, value, comment, tags, metadata }) => {
              const address = `${environment}:${path === "/" ? "" : path}/${key}`;
              values[address] = value;
              const references = value.includes("${") ? { references: true } : {};
              const source =
                valuesFile === undefined
                  ? { ownership: "must-fill" }
                  : { file: valuesFile, key: address, ...references };
              return [
                key,
                {
                  ...source,
                  ...unless("", { comment }),
                  ...(tags.length === 0 ? {} : { tags }),
                  ...some("metadata", metadata),
                },
              ];
            }),
        ),
      ]),
  );
}

function unless<T extends { [name: string]: string }>(nothing: string, entry: T): Partial<T> {
  return Object.values(entry)[0] === nothing ? {} : entry;
}

function some(name: string, content: object): object {
  return Object.keys(content).length === 0 ? {} : { [name]: content };
}
