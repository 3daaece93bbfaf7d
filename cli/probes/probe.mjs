/**
 * Tries what one identity may do, with the official Node SDK, and says for each try whether it was allowed.
 *
 * Reads {url, clientId, clientSecret, sdk, tries: [{id, action, projectId, environment, path, key}]} from stdin, writes
 * [{id, seen: "allowed" | "denied" | "unclear", detail}] to stdout. It changes nothing that is there: what it updates and
 * deletes does not exist, and what it could create although it should not is deleted again.
 */
import { createRequire } from "node:module";

const input = JSON.parse(await text(process.stdin));
const { InfisicalSDK } = createRequire(input.sdk)("@infisical/sdk");
const client = new InfisicalSDK({ siteUrl: input.url });
await client.auth().universalAuth.login({ clientId: input.clientId, clientSecret: input.clientSecret });
const secrets = client.secrets();
const token = client.auth().getAccessToken();

const ACTIONS = {
  read: (one) => secrets.getSecret({ ...placeOf(one), secretName: one.key }),
  list: async (one) => {
    const { secrets: seen } = await secrets.listSecrets(placeOf(one));
    // Where nothing may be read, a list is empty and not refused.
    if (seen.length === 0) throw denial("the list is empty");
  },
  create: async (one) => {
    await secrets.createSecret(one.key, { ...placeOf(one), secretValue: "probe" });
    await secrets.deleteSecret(one.key, placeOf(one));
  },
  update: (one) => secrets.updateSecret(one.key, { ...placeOf(one), secretValue: "probe" }),
  delete: (one) => secrets.deleteSecret(one.key, placeOf(one)),
  "create folder": (one) =>
    call("POST", "/api/v2/folders", {
      projectId: one.projectId,
      environment: one.environment,
      path: one.path,
      name: "verify-probe",
    }),
  "list members": (one) => call("GET", `/api/v1/projects/${one.projectId}/memberships/identities`),
  "create project": () => call("POST", "/api/v1/projects", { projectName: "verify-probe" }),
  "create identity": async () => {
    const { identityDetails } = await call("GET", "/api/v1/identities/details");
    await call("POST", "/api/v1/identities", { name: "verify-probe", organizationId: identityDetails.organization.id });
  },
  "mint client secret": (one) =>
    call("POST", `/api/v1/auth/universal-auth/identities/${one.identityId}/client-secrets`, {}),
};

const results = [];
for (const one of input.tries) results.push({ id: one.id, ...(await outcomeOf(one)) });
process.stdout.write(JSON.stringify(results), () => process.exit(0));

async function outcomeOf(one) {
  try {
    await ACTIONS[one.action](one);
    return { seen: "allowed", detail: "" };
  } catch (thrown) {
    const message = String(thrown?.message ?? thrown);
    const status = thrown?.status ?? Number(/\[StatusCode=(\d+)\]/.exec(message)?.[1] ?? "0");
    if (status === 403) return { seen: "denied", detail: "403" };
    // The right is checked before the name is looked for.
    if (status === 404 && ["read", "update", "delete"].includes(one.action))
      return { seen: "allowed", detail: "404, so the right is there" };
    return { seen: "unclear", detail: status === 0 ? "no answer" : `status ${status}` };
  }
}

async function call(method, path, body) {
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
  if (!response.ok) throw Object.assign(new Error(`status ${response.status}`), { status: response.status });
  return JSON.parse(answer);
}

function placeOf({ projectId, environment, path }) {
  return { projectId, environment, secretPath: path };
}

function denial(message) {
  return Object.assign(new Error(message), { status: 403 });
}

async function text(stream) {
  let all = "";
  for await (const piece of stream) all += piece;
  return all;
}
