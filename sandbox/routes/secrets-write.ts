import { setTimeout as sleep } from "node:timers/promises";
import { badRequest, notFound, somethingWentWrong } from "../http/api-error.js";
import { addRoute, ANYBODY, z } from "../http/route.js";
import { aboutSecret, refusePersonal, secretName, writePlace } from "../project/secret-fields.js";
import { followRename } from "../project/secret-renaming.js";
import { projectNaming, SECRETS_VERSIONS, type SecretsVersion } from "../project/secret-scope.js";
import { namedTags, writeTarget, type WriteTarget } from "../project/secret-target.js";
import {
  changeSecrets,
  insertSecrets,
  removeSecrets,
  type NewSecret,
  type SecretChange,
} from "../project/secret-writing.js";
import { NO_ROTATION, secretsNamed, tagsOf, type SecretRow } from "../project/secrets.js";
import type { Sandbox } from "../sandbox.js";
import { isUniqueViolation } from "../store/store.js";
import type { RouteFile } from "./route-file.js";

/** Writing one secret by its name; both versions of the API. */
export const addSecretWriteRoutes: RouteFile = (app, sandbox) => {
  for (const version of SECRETS_VERSIONS) {
    creation(version)(app, sandbox);
    change(version)(app, sandbox);
    deletion(version)(app, sandbox);
  }
};

const named = z.object({ secretName });

const creation =
  (version: SecretsVersion): RouteFile =>
  (app, sandbox) => {
    addRoute(app, sandbox, {
      method: "POST",
      path: `${version.path}/:secretName`,
      access: ANYBODY,
      params: named,
      body: projectNaming(version, { ...writePlace, ...aboutSecret, secretValue: z.string() }),
      async handle({ actor, params: { secretName: key }, body }) {
        refusePersonal(body.type);
        const target = await writeTarget(sandbox, actor, body);
        const tags = await namedTags(sandbox, target.place.projectId, body.tagIds ?? []);
        target.require("create", key, tags);
        const secret = await createOne(sandbox, target, {
          key,
          value: body.secretValue,
          comment: body.secretComment ?? "",
          skipMultilineEncoding: body.skipMultilineEncoding ?? false,
          metadata: body.secretMetadata ?? [],
          tagIds: tags.map(({ id }) => id),
        });
        return { secret: { ...target.present(secret), ...NO_ROTATION } };
      },
    });
  };

/** The real server takes about 50 ms for a create; most of it lies between its look and its insert. */
const CREATE_WINDOW_MS = 20;

/**
 * Looks, then inserts, and not in one transaction: of creates of one key at the same time the unique index lets one
 * through and answers 500 to the others; at the pin, which has none, they all stay.
 */
async function createOne(sandbox: Sandbox, target: WriteTarget, wanted: NewSecret): Promise<SecretRow> {
  const folder = await target.folder("CreateSecret");
  if ((await secretsNamed(sandbox.store, folder.id, [wanted.key])).length > 0)
    throw badRequest("Secret already exists");
  await sleep(CREATE_WINDOW_MS);
  const [secret] = await sandbox.store
    .transaction((transaction) => insertSecrets(transaction, sandbox.vault, folder, [wanted], target.author))
    .catch((error: unknown) => {
      throw isUniqueViolation(error) ? somethingWentWrong("Create") : error;
    });
  if (secret === undefined) throw somethingWentWrong("Create");
  return secret;
}

const change =
  (version: SecretsVersion): RouteFile =>
  (app, sandbox) => {
    addRoute(app, sandbox, {
      method: "PATCH",
      path: `${version.path}/:secretName`,
      access: ANYBODY,
      params: z.object({ secretName: z.string().trim() }),
      body: projectNaming(version, {
        ...writePlace,
        ...aboutSecret,
        secretValue: z.string().optional(),
        newSecretName: secretName.optional(),
      }),
      async handle({ actor, params: { secretName: key }, body }) {
        refusePersonal(body.type);
        const target = await writeTarget(sandbox, actor, body);
        target.require("edit", key);
        const folder = await target.folder("UpdateSecret");
        const [secret] = await secretsNamed(sandbox.store, folder.id, [key]);
        if (secret === undefined) throw notFound(`Secret with name ${key} not found`);
        target.require("edit", key, (await tagsOf(sandbox.store, [secret.id])).get(secret.id) ?? []);
        await refuseTakenName(sandbox, secret, body.newSecretName);
        if (body.newSecretName !== undefined) target.require("edit", body.newSecretName);
        const tagIds =
          body.tagIds && (await namedTags(sandbox, target.place.projectId, body.tagIds)).map(({ id }) => id);
        const changed = await changeOne(sandbox, target, {
          secret,
          newKey: body.newSecretName,
          value: body.secretValue,
          comment: body.secretComment,
          skipMultilineEncoding: body.skipMultilineEncoding,
          metadata: body.secretMetadata,
          tagIds,
        });
        // Only what the request brought comes back: the answer is no source of the secret's state.
        const brought = {
          ...(body.secretValue === undefined ? { secretValue: "" } : {}),
          secretComment: body.secretComment ?? "",
        };
        const secretValueHidden = !target.mayRead(changed.key);
        return { secret: { ...target.present(changed), ...brought, ...NO_ROTATION, secretValueHidden } };
      },
    });
  };

/** @throws ApiError 400 */
async function refuseTakenName(sandbox: Sandbox, secret: SecretRow, newName: string | undefined): Promise<void> {
  if (newName === undefined || newName === secret.key) return;
  const holders = await secretsNamed(sandbox.store, secret.folder_id, [newName]);
  if (holders.length > 0) throw badRequest("Secret with the new name already exists");
}

function changeOne(sandbox: Sandbox, target: WriteTarget, wanted: SecretChange): Promise<SecretRow> {
  return sandbox.store.transaction(async (transaction) => {
    const [changed] = await changeSecrets(transaction, sandbox.vault, [wanted], target.author);
    if (changed === undefined) throw somethingWentWrong("Update");
    if (changed.key !== wanted.secret.key) {
      const names = { from: wanted.secret.key, to: changed.key };
      await followRename(transaction, sandbox.vault, target.place, names, target.author);
    }
    return changed;
  });
}

const deletion =
  (version: SecretsVersion): RouteFile =>
  (app, sandbox) => {
    addRoute(app, sandbox, {
      method: "DELETE",
      path: `${version.path}/:secretName`,
      access: ANYBODY,
      params: z.object({ secretName: z.string().trim() }),
      body: projectNaming(version, writePlace),
      async handle({ actor, params: { secretName: key }, body }) {
        refusePersonal(body.type);
        const target = await writeTarget(sandbox, actor, body);
        target.require("delete", key);
        const folder = await target.folder("DeleteSecret");
        const [secret] = await secretsNamed(sandbox.store, folder.id, [key]);
        if (secret === undefined) throw notFound("Secret not found");
        await sandbox.store.transaction((transaction) => removeSecrets(transaction, folder, [secret], target.author));
        return { secret: { ...target.present(secret), secretValueHidden: !target.mayRead(key) } };
      },
    });
  };
