import { DEFAULT_UNIVERSAL_AUTH } from "../../infra/resources/universal-auth-defaults";
import type { ByHand } from "./by-hand";

/** One change made by hand, and what a refresh is to make of it. */
export interface Drift {
  what: string;
  change: (hand: ByHand) => Promise<unknown>;
  /**
   * `changed`: seen by the refresh and put right by the next `up`; `reported`: seen, and left as it is, because it is not
   * the stack's; `same`: the server only writes it in another way, so nothing is to be seen.
   */
  expect: "changed" | "reported" | "same";
  /** The refresh names a security finding. */
  finding?: RegExp;
}

const PRIVILEGE = "/api/v2/identity-project-additional-privilege";
const SECRETS = { environment: "dev", secretPath: "/openai-rag" };

/** The rule that the blueprint grants, as somebody else might write it. */
const GRANTED = {
  subject: "secrets",
  action: ["describeSecret", "readValue"],
  conditions: { environment: { $eq: "dev" }, secretPath: { $eq: "/openai-rag" } },
};

export const DRIFTS: Drift[] = [
  {
    what: "a value changed",
    change: (hand) => secret(hand, "PATCH", "OPENAI_LLM_MODEL", { secretValue: "gpt-by-hand" }),
    expect: "changed",
  },
  { what: "a key deleted", change: (hand) => secret(hand, "DELETE", "QDRANT_URL", {}), expect: "changed" },
  {
    what: "a key added",
    change: (hand) => secret(hand, "POST", "BY_HAND", { secretValue: "not ours" }),
    expect: "reported",
  },
  {
    what: "the folder renamed",
    change: (hand) =>
      hand.ask({
        method: "PATCH",
        path: `/api/v2/folders/${hand.folderId}`,
        body: { projectId: hand.projectId, environment: "dev", name: "renamed", path: "/" },
      }),
    expect: "changed",
  },
  {
    what: "the folder deleted with its secrets",
    change: (hand) =>
      hand.ask({
        method: "DELETE",
        path: `/api/v2/folders/${hand.folderId}`,
        body: { projectId: hand.projectId, environment: "dev", path: "/", forceDelete: true },
      }),
    expect: "changed",
  },
  {
    what: "the privilege widened to all folders",
    change: (hand) => rewrite(hand, [{ ...GRANTED, conditions: { environment: { $eq: "dev" } } }]),
    expect: "changed",
    finding: /has the privilege "stack-access" in another form than granted/,
  },
  {
    what: "another privilege added",
    change: (hand) =>
      hand.ask({
        method: "POST",
        path: PRIVILEGE,
        body: {
          projectId: hand.projectId,
          identityId: hand.identityId,
          slug: "by-hand",
          permissions: [{ ...GRANTED, conditions: {} }],
          type: { isTemporary: false },
        },
      }),
    expect: "changed",
    finding: /has the privilege "by-hand", which this stack did not grant/,
  },
  {
    what: "the privilege taken away",
    change: async (hand) => {
      for (const id of await hand.privileges()) await hand.ask({ method: "DELETE", path: `${PRIVILEGE}/${id}` });
    },
    expect: "changed",
  },
  {
    what: "the role in the project widened",
    change: (hand) => hand.ask({ method: "PATCH", path: membership(hand), body: { roles: [{ role: "admin" }] } }),
    expect: "changed",
    finding: /has the role "admin" \(project/,
  },
  {
    what: "the role in the organization widened",
    change: (hand) =>
      hand.ask({
        method: "PATCH",
        path: `/api/v1/identities/${hand.identityId}`,
        body: { name: "rag-sdk-identity", role: "admin" },
      }),
    expect: "changed",
    finding: /has the role "admin" in the organization/,
  },
  {
    what: "the identity renamed",
    change: (hand) =>
      hand.ask({ method: "PATCH", path: `/api/v1/identities/${hand.identityId}`, body: { name: "renamed" } }),
    expect: "changed",
  },
  {
    what: "the token's lifetime changed",
    change: (hand) =>
      hand.ask({
        method: "PATCH",
        path: universalAuth(hand.identityId),
        body: { accessTokenTTL: 86_400, accessTokenMaxTTL: 86_400 },
      }),
    expect: "changed",
  },
  {
    what: "Universal Auth detached",
    change: (hand) => hand.ask({ method: "DELETE", path: universalAuth(hand.identityId) }),
    expect: "changed",
  },
  {
    what: "the identity taken out of the project",
    change: (hand) => hand.ask({ method: "DELETE", path: membership(hand) }),
    expect: "changed",
  },
  {
    what: "the client secret revoked",
    change: (hand) => revokeAll(hand, hand.identityId),
    expect: "changed",
  },
  {
    what: "the automation identity's client secret revoked",
    change: (hand) => revokeAll(hand, hand.automationId),
    expect: "changed",
  },
  {
    what: "the automation identity's role in the organization taken away",
    change: (hand) =>
      hand.ask({
        method: "PATCH",
        path: `/api/v1/identities/${hand.automationId}`,
        body: { name: "pulumi-automation", role: "no-access" },
      }),
    expect: "changed",
  },
  {
    what: "the automation identity deleted",
    change: (hand) => hand.ask({ method: "DELETE", path: `/api/v1/identities/${hand.automationId}` }),
    expect: "changed",
  },
  {
    what: "the identity deleted",
    change: (hand) => hand.ask({ method: "DELETE", path: `/api/v1/identities/${hand.identityId}` }),
    expect: "changed",
  },
  {
    what: "an environment renamed",
    change: (hand) => environment(hand, "PATCH", "staging", { name: "Renamed" }),
    expect: "changed",
  },
  { what: "an environment deleted", change: (hand) => environment(hand, "DELETE", "prod"), expect: "changed" },
  {
    what: "the project renamed",
    change: (hand) =>
      hand.ask({ method: "PATCH", path: `/api/v1/projects/${hand.projectId}`, body: { name: "Renamed" } }),
    expect: "changed",
  },
  {
    what: "sign-up opened again",
    change: (hand) => hand.ask({ method: "PATCH", path: "/api/v1/admin/config", body: { allowSignUp: true } }),
    expect: "changed",
    finding: /strangers may sign up/,
  },
  {
    what: "the organization renamed",
    change: (hand) =>
      hand.ask({
        method: "PATCH",
        path: `/api/v1/organization/${hand.organizationId}`,
        body: { name: "Renamed" },
      }),
    expect: "changed",
  },
  {
    what: "the project deleted",
    change: (hand) => hand.ask({ method: "DELETE", path: `/api/v1/projects/${hand.projectId}` }),
    expect: "changed",
  },
  { what: "nothing at all", change: async () => {}, expect: "same" },
  {
    what: "a value written again with white space around it",
    change: (hand) => secret(hand, "PATCH", "OPENAI_LLM_MODEL", { secretValue: "  gpt-4o-mini  " }),
    expect: "same",
  },
  {
    what: "the rule written in another order",
    change: (hand) =>
      rewrite(hand, [
        {
          subject: "secrets",
          action: ["readValue", "describeSecret"],
          conditions: { secretPath: { $eq: "/openai-rag" }, environment: { $eq: "dev" } },
        },
      ]),
    expect: "same",
  },
  {
    what: "the token's settings written again in the server's form",
    change: (hand) =>
      hand.ask({
        method: "PATCH",
        path: universalAuth(hand.identityId),
        body: {
          accessTokenTTL: DEFAULT_UNIVERSAL_AUTH.accessTokenTTL,
          accessTokenMaxTTL: DEFAULT_UNIVERSAL_AUTH.accessTokenMaxTTL,
          accessTokenTrustedIps: [{ ipAddress: "0.0.0.0" }, { ipAddress: "::/0" }].map((one) =>
            one.ipAddress.includes("/") ? one : { ipAddress: `${one.ipAddress}/0` },
          ),
        },
      }),
    expect: "same",
  },
  {
    what: "another environment added",
    change: (hand) =>
      hand.ask({
        method: "POST",
        path: `/api/v1/projects/${hand.projectId}/environments`,
        body: { name: "By hand", slug: "by-hand" },
      }),
    expect: "same",
  },
];

function secret(hand: ByHand, method: "POST" | "PATCH" | "DELETE", name: string, more: object): Promise<unknown> {
  const body = { projectId: hand.projectId, ...SECRETS, ...more };
  return hand.ask({ method, path: `/api/v4/secrets/${name}`, body });
}

function environment(hand: ByHand, method: "PATCH" | "DELETE", slug: string, body?: object): Promise<unknown> {
  const path = `/api/v1/projects/${hand.projectId}/environments/${hand.environmentId(slug)}`;
  return hand.ask({ method, path, ...(body === undefined ? {} : { body: { ...body } }) });
}

async function rewrite(hand: ByHand, permissions: object[]): Promise<void> {
  for (const id of await hand.privileges()) {
    const body = { slug: "stack-access", permissions, type: { isTemporary: false } };
    await hand.ask({ method: "PATCH", path: `${PRIVILEGE}/${id}`, body });
  }
}

async function revokeAll(hand: ByHand, identityId: string): Promise<void> {
  for (const id of await hand.clientSecrets(identityId)) {
    const path = `${universalAuth(identityId)}/client-secrets/${id}/revoke`;
    await hand.ask({ method: "POST", path, body: {} });
  }
}

function universalAuth(identityId: string): string {
  return `/api/v1/auth/universal-auth/identities/${identityId}`;
}

function membership({ projectId, identityId }: ByHand): string {
  return `/api/v1/projects/${projectId}/memberships/identities/${identityId}`;
}
