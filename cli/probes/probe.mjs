/**
 * Tries what identities may do, with the official Node SDK, and says for each try whether it was allowed.
 *
 * Reads {url, identities: {name: {clientId, clientSecret}}, sdk, tries: [{id, identity, action, projectId, environment,
 * path, key, identityId}]} from stdin, writes [{id, seen: "allowed" | "denied" | "unclear", detail}] to stdout. It changes
 * nothing that is there: what it updates and deletes does not exist, and what it creates is deleted again.
 */
import { createRequire } from "node:module";

const input = JSON.parse(await text(process.stdin));
const { InfisicalSDK } = createRequire(input.sdk)("@infisical/sdk");
const NAME = "verify-probe";

const ACTIONS = {
  read: ({ secrets }, one) => secrets.getSecret({ ...placeOf(one), secretName: one.key }),
  list: async ({ secrets }, one) => {
    const { secrets: seen } = await secrets.listSecrets(placeOf(one));
    // Where nothing may be read, a list is empty and not refused.
    if (seen.length === 0) throw failure(403, "the list is empty");
  },
  create: async ({ secrets }, one) => {
    await secrets.createSecret(one.key, { ...placeOf(one), secretValue: "probe" });
    await secrets.deleteSecret(one.key, placeOf(one));
  },
  update: ({ secrets }, one) => secrets.updateSecret(one.key, { ...placeOf(one), secretValue: "probe" }),
  delete: ({ secrets }, one) => secrets.deleteSecret(one.key, placeOf(one)),
  // What these should not be able to make is deleted again; the edit changes nothing.
  "create folder": async ({ call }, { projectId, environment, path }) => {
    const place = { projectId, environment, path };
    const { folder } = await call("POST", "/api/v2/folders", { ...place, name: NAME });
    await call("DELETE", `/api/v2/folders/${folder.id}`, place);
  },
  "list members": ({ call }, one) => call("GET", `/api/v1/projects/${one.projectId}/memberships/identities`),
  "edit project": async ({ call }, { projectId }) => {
    const { project } = await call("GET", `/api/v1/projects/${projectId}`);
    await call("PATCH", `/api/v1/projects/${projectId}`, { name: project.name });
  },
  "create project": async ({ call }) => {
    const { project } = await call("POST", "/api/v1/projects", { projectName: NAME });
    await call("DELETE", `/api/v1/projects/${project.id}`);
  },
  "create identity": async ({ call }) => {
    const { identityDetails } = await call("GET", "/api/v1/identities/details");
    const wanted = { name: NAME, organizationId: identityDetails.organization.id };
    const { identity } = await call("POST", "/api/v1/identities", wanted);
    await call("DELETE", `/api/v1/identities/${identity.id}`);
  },
  "mint client secret": async ({ call }, { identityId }) => {
    const base = `/api/v1/auth/universal-auth/identities/${identityId}/client-secrets`;
    const { clientSecretData } = await call("POST", base, { description: NAME });
    await call("POST", `${base}/${clientSecretData.id}/revoke`, {});
  },
};

// Node 20 ends in the middle of a fetch when the other side hangs up, and nothing else is to be waited for.
setInterval(() => {}, 60_000);
const actors = {};
for (const [name, credential] of Object.entries(input.identities)) actors[name] = await logIn(name, credential);
const results = await inParallel(8, input.tries, async (one) => ({ id: one.id, ...(await outcomeOf(one)) }));
process.stdout.write(JSON.stringify(results), () => process.exit(0));

async function logIn(name, { clientId, clientSecret }) {
  const client = new InfisicalSDK({ siteUrl: input.url });
  try {
    await client.auth().universalAuth.login({ clientId, clientSecret });
  } catch (thrown) {
    process.stderr.write(`${name} cannot log in: ${messageOf(thrown)}\n`);
    process.exit(1);
  }
  const token = client.auth().getAccessToken();
  return { secrets: client.secrets(), call: (method, path, body) => call(token, method, path, body) };
}

async function outcomeOf(one) {
  try {
    await ACTIONS[one.action](actors[one.identity], one);
    return { seen: "allowed", detail: "" };
  } catch (thrown) {
    const status = thrown?.status ?? Number(/\[StatusCode=(\d+)\]/.exec(messageOf(thrown))?.[1] ?? "0");
    if (status === 403) return { seen: "denied", detail: "403" };
    // The right is checked before the name is looked for.
    if (status === 404 && ["read", "update", "delete"].includes(one.action))
      return { seen: "allowed", detail: "404, so the right is there" };
    return { seen: "unclear", detail: status === 0 ? messageOf(thrown) : `status ${status}` };
  }
}

/** At most so many at once; the results in the order of the list. */
async function inParallel(limit, list, work) {
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < list.length) {
      const index = next;
      next += 1;
      results[index] = await work(list[index]);
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return results;
}

async function call(token, method, path, body) {
  const response = await fetch(new URL(path, input.url), {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      "user-agent": "verify",
      ...(body ? { "content-type": "application/json" } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(30_000),
  });
  const answer = await response.text();
  if (!response.ok) throw failure(response.status, `status ${response.status}`);
  return JSON.parse(answer);
}

function placeOf({ projectId, environment, path }) {
  return { projectId, environment, secretPath: path };
}

function failure(status, message) {
  return Object.assign(new Error(message), { status });
}

function messageOf(thrown) {
  return String(thrown?.message ?? thrown).split("\n")[0];
}

async function text(stream) {
  let all = "";
  for await (const piece of stream) all += piece;
  return all;
}
