import { badRequest, notFound } from "../http/api-error.js";
import { addRoute, ANYBODY, z } from "../http/route.js";
import { isUuid } from "../http/uuid.js";
import { offFlag, onFlag, askedPathField } from "../project/scoped-fields.js";
import { enterProject, projectNaming, SECRETS_VERSIONS, type SecretsVersion } from "../project/secret-scope.js";
import { createSecretReader, type ReadOptions } from "../project/secret-reading.js";
import { queryOne } from "../store/store.js";
import type { RouteFile } from "./route-file.js";

/** Reading secrets: lists, one by name, by number of version, by id; both versions of the API. */
export const addSecretReadRoutes: RouteFile = (app, sandbox) => {
  for (const version of SECRETS_VERSIONS) {
    listing(version)(app, sandbox);
    byId(version)(app, sandbox);
    byName(version)(app, sandbox);
  }
};

/** Both writings of the switch are met: the newer route's and the older one's. */
const reading = ({ isOld }: SecretsVersion) => ({
  environment: z.string().trim().optional(),
  secretPath: askedPathField,
  viewSecretValue: onFlag,
  expandSecretReferences: onFlag,
  ...(isOld ? { include_imports: offFlag } : {}),
  includeImports: isOld ? offFlag : onFlag,
});

function optionsOf(query: {
  viewSecretValue: boolean;
  expandSecretReferences: boolean;
  includeImports: boolean;
  include_imports?: unknown;
}): ReadOptions {
  return {
    viewSecretValue: query.viewSecretValue,
    expandSecretReferences: query.expandSecretReferences,
    includeImports: query.includeImports || query.include_imports === true,
  };
}

function placeOf(projectId: string, query: { environment?: string | undefined; secretPath: string }) {
  if (query.environment === undefined) throw badRequest("Missing environment");
  return { projectId, environment: query.environment, path: query.secretPath };
}

const listing =
  (version: SecretsVersion): RouteFile =>
  (app, sandbox) => {
    addRoute(app, sandbox, {
      method: "GET",
      path: version.path,
      access: ANYBODY,
      query: projectNaming(version, {
        ...reading(version),
        recursive: offFlag,
        tagSlugs: z.string().default("").transform(commaList),
        metadataFilter: z.string().default("").transform(metadataFilters),
      }),
      async handle({ actor, query }) {
        const { projectId, grants } = await enterProject(sandbox, actor, query.project);
        return createSecretReader(sandbox, grants).list(placeOf(projectId, query), {
          ...optionsOf(query),
          recursive: query.recursive,
          tagSlugs: query.tagSlugs,
          metadata: query.metadataFilter,
        });
      },
    });
  };

const commaList = (text: string): string[] => text.split(",").filter((part) => part !== "");

/** `key=a,value=b`, several of them divided by `|`. */
function metadataFilters(text: string): { key: string; value: string }[] {
  return text
    .split("|")
    .map((filter) => ({
      key: /key=([^,|]*)/.exec(filter)?.[1] ?? "",
      value: /value=([^,|]*)/.exec(filter)?.[1] ?? "",
    }))
    .filter(({ key }) => key !== "");
}

const byName =
  (version: SecretsVersion): RouteFile =>
  (app, sandbox) => {
    addRoute(app, sandbox, {
      method: "GET",
      path: `${version.path}/:secretName`,
      access: ANYBODY,
      params: z.object({ secretName: z.string().trim() }),
      query: projectNaming(version, { ...reading(version), version: z.coerce.number().int().optional() }),
      async handle({ actor, params, query }) {
        const place = placeOf("", query);
        const { projectId, grants } = await enterProject(sandbox, actor, query.project);
        const reader = createSecretReader(sandbox, grants);
        const where = { ...place, projectId };
        const options = optionsOf(query);
        const secret =
          query.version === undefined
            ? await reader.get(where, params.secretName, options)
            : await reader.getVersion(where, params.secretName, query.version, options);
        return { secret };
      },
    });
  };

const byId =
  (version: SecretsVersion): RouteFile =>
  (app, sandbox) => {
    addRoute(app, sandbox, {
      method: "GET",
      path: `${version.path}/id/:secretId`,
      access: ANYBODY,
      params: z.object({ secretId: z.string() }),
      async handle({ actor, params: { secretId } }) {
        const found = isUuid(secretId)
          ? await queryOne<{ key: string; path: string; environment: string; project_id: string }>(
              sandbox.store,
              `select s.key, f.path, e.slug as environment, e.project_id from secrets s
                join folders f on f.id = s.folder_id join environments e on e.id = f.environment_id
                where s.id = $1 and e.deleted_at is null`,
              [secretId],
            )
          : undefined;
        if (found === undefined) throw notFound(`Secret with ID '${secretId}' not found`);
        const grants = await sandbox.permissions.inProject(actor, found.project_id);
        const place = { projectId: found.project_id, environment: found.environment, path: found.path };
        const options = { viewSecretValue: true, expandSecretReferences: false, includeImports: false };
        const secret = await createSecretReader(sandbox, grants).get(place, found.key, options);
        // This answer alone has no mark about hidden values.
        return { secret: Object.fromEntries(Object.entries(secret).filter(([name]) => name !== "secretValueHidden")) };
      },
    });
  };
