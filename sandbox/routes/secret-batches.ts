import { badRequest, notFound, somethingWentWrong } from "../http/api-error.js";
import { addRoute, ANYBODY, z } from "../http/route.js";
import type { FolderRow } from "../project/folders.js";
import { aboutSecret, refusePersonal, secretName, writePlace } from "../project/secret-fields.js";
import { followRename } from "../project/secret-renaming.js";
import { projectNaming, SECRETS_VERSIONS, type SecretsVersion } from "../project/secret-scope.js";
import { namedTags, writeTarget, type WriteTarget } from "../project/secret-target.js";
import { changeSecrets, insertSecrets, removeSecrets, type NewSecret } from "../project/secret-writing.js";
import { NO_ROTATION, secretsNamed, type SecretRow } from "../project/secrets.js";
import type { Sandbox } from "../sandbox.js";
import { isUniqueViolation } from "../store/store.js";
import type { RouteFile } from "./route-file.js";

/** Writing many secrets of one folder at once: all of them or none. */
export const addSecretBatchRoutes: RouteFile = (app, sandbox) => {
  for (const version of SECRETS_VERSIONS) {
    creation(version)(app, sandbox);
    change(version)(app, sandbox);
    deletion(version)(app, sandbox);
  }
};

const itemToCreate = z.object({ secretKey: secretName, secretValue: z.string(), ...aboutSecret });
const itemToChange = z.object({
  secretKey: secretName,
  secretValue: z.string().optional(),
  newSecretName: secretName.optional(),
  ...aboutSecret,
});
const itemToDelete = z.object({ secretKey: z.string().trim(), type: writePlace.type });
type ItemToChange = z.output<typeof itemToChange>;

/** Of two items with the same key the last one counts, in silence. */
const lastOfEachKey = <Item extends { secretKey: string }>(items: readonly Item[]): Item[] => [
  ...new Map(items.map((item) => [item.secretKey, item])).values(),
];

const keysOf = (items: readonly { secretKey: string }[]): string[] => items.map(({ secretKey }) => secretKey);

const creation =
  (version: SecretsVersion): RouteFile =>
  (app, sandbox) => {
    addRoute(app, sandbox, {
      method: "POST",
      path: version.batchPath,
      access: ANYBODY,
      body: projectNaming(version, { ...writePlace, secrets: z.array(itemToCreate).min(1) }),
      async handle({ actor, body }) {
        refusePersonal(body.type);
        const target = await writeTarget(sandbox, actor, body);
        const items = lastOfEachKey(body.secrets);
        for (const { secretKey } of items) target.require("create", secretKey);
        const folder = await target.folder("CreateManySecret");
        const taken = await secretsNamed(sandbox.store, folder.id, keysOf(items));
        if (taken.length > 0) {
          throw badRequest(`Secret already exists: ${[...new Set(taken.map(({ key }) => key))].join(", ")}`);
        }
        const wanted = await toNewSecrets(sandbox, target, items);
        const secrets = await sandbox.store
          .transaction((transaction) => insertSecrets(transaction, sandbox.vault, folder, wanted, target.author))
          .catch(asCreateRace);
        return { secrets: secrets.map((secret) => ({ ...target.present(secret), ...NO_ROTATION })) };
      },
    });
  };

function asCreateRace(error: unknown): never {
  throw isUniqueViolation(error) ? somethingWentWrong("Create") : error;
}

async function toNewSecrets(
  sandbox: Sandbox,
  target: WriteTarget,
  items: readonly ItemToChange[],
): Promise<NewSecret[]> {
  await namedTags(
    sandbox,
    target.place.projectId,
    items.flatMap(({ tagIds }) => tagIds ?? []),
  );
  return items.map((item) => ({
    key: item.newSecretName ?? item.secretKey,
    value: item.secretValue ?? "",
    comment: item.secretComment ?? "",
    skipMultilineEncoding: item.skipMultilineEncoding ?? false,
    metadata: item.secretMetadata ?? [],
    tagIds: item.tagIds ?? [],
  }));
}

const change =
  (version: SecretsVersion): RouteFile =>
  (app, sandbox) => {
    addRoute(app, sandbox, {
      method: "PATCH",
      path: version.batchPath,
      access: ANYBODY,
      body: projectNaming(version, {
        ...writePlace,
        mode: z.enum(["failOnNotFound", "ignore", "upsert"]).default("failOnNotFound"),
        secrets: z.array(itemToChange).min(1),
      }),
      async handle({ actor, body }) {
        refusePersonal(body.type);
        const target = await writeTarget(sandbox, actor, body);
        const items = lastOfEachKey(body.secrets);
        for (const { secretKey } of items) target.require("edit", secretKey);
        const folder = await target.folder("UpdateManySecret");
        const present = new Map(
          (await secretsNamed(sandbox.store, folder.id, keysOf(items))).map((secret) => [secret.key, secret]),
        );
        const missing = items.filter(({ secretKey }) => !present.has(secretKey));
        if (missing.length > 0 && body.mode === "failOnNotFound") {
          throw notFound(`Secret does not exist: ${keysOf(missing).join(", ")} in path ${target.place.path}`);
        }
        const toCreate = body.mode === "upsert" ? missing : [];
        for (const { secretKey } of toCreate) target.require("create", secretKey);
        const secrets = await changeMany(sandbox, target, folder, { present, items, toCreate });
        return {
          secrets: secrets.map((secret) => ({
            ...target.present(secret),
            ...NO_ROTATION,
            secretValueHidden: !target.mayRead(secret.key),
          })),
        };
      },
    });
  };

async function changeMany(
  sandbox: Sandbox,
  target: WriteTarget,
  folder: FolderRow,
  work: { present: Map<string, SecretRow>; items: readonly ItemToChange[]; toCreate: readonly ItemToChange[] },
): Promise<SecretRow[]> {
  const changes = work.items.flatMap((item) => {
    const secret = work.present.get(item.secretKey);
    if (secret === undefined) return [];
    const { newSecretName: newKey, secretValue: value, secretComment: comment, secretMetadata: metadata } = item;
    return [{ secret, newKey, value, comment, metadata, ...item }];
  });
  const wanted = await toNewSecrets(sandbox, target, work.toCreate);
  return sandbox.store
    .transaction(async (transaction) => {
      const changed =
        changes.length === 0 ? [] : await changeSecrets(transaction, sandbox.vault, changes, target.author);
      for (const { secret, newKey } of changes) {
        if (newKey === undefined || newKey === secret.key) continue;
        await followRename(transaction, sandbox.vault, target.place, { from: secret.key, to: newKey }, target.author);
      }
      if (wanted.length === 0) return changed;
      return [...changed, ...(await insertSecrets(transaction, sandbox.vault, folder, wanted, target.author))];
    })
    .catch(asCreateRace);
}

const deletion =
  (version: SecretsVersion): RouteFile =>
  (app, sandbox) => {
    addRoute(app, sandbox, {
      method: "DELETE",
      path: version.batchPath,
      access: ANYBODY,
      body: projectNaming(version, { ...writePlace, secrets: z.array(itemToDelete).min(1) }),
      async handle({ actor, body }) {
        const target = await writeTarget(sandbox, actor, body);
        const keys = [...new Set(keysOf(body.secrets))];
        for (const key of keys) target.require("delete", key);
        const folder = await target.folder("DeleteManySecret");
        const secrets = await secretsNamed(sandbox.store, folder.id, keys);
        if (new Set(secrets.map(({ key }) => key)).size < keys.length) {
          // The names in this message are those that do exist: exchange 451, where B1 was gone and ZZ was there.
          throw notFound(`One or more secrets does not exist: ${secrets.map(({ key }) => key).join(", ")}`);
        }
        await sandbox.store.transaction((transaction) => removeSecrets(transaction, folder, secrets, target.author));
        return {
          secrets: secrets.map((secret) => ({
            ...target.present(secret),
            secretValueHidden: !target.mayRead(secret.key),
          })),
        };
      },
    });
  };
