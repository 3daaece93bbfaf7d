import type { MatrixRow } from "../../cli/commands/matrix";
import { bootstrapState, type BootstrapState } from "../../cli/core/bootstrap-state";
import { at, stringAt } from "../../infra/api/answer";
import { instanceConfig, openSession, signUp } from "../../infra/api/administrator";
import { isStatus } from "../../infra/api/fault";
import { send } from "../../infra/api/http";
import { compare, type Census } from "../support/census";
import { failed, onDocker } from "../support/docker-row";
import { dockerIfReached, dockerObstacle } from "../support/engine";
import { COMPLETE, unlike, type DockerStack } from "../support/kill-on-docker";
import { recordNotRun } from "../support/not-run";
import { ADMINISTRATOR, ProgramLab } from "../support/program-lab";

const PROFILES = ["v0.159.22", "recorded"] as const;

/** What a case found out; problems are what is not as it has to be. */
interface Found {
  seen: string;
  problems: string[];
}

type Case = { what: string; profiles: readonly string[]; run: (lab: ProgramLab) => Promise<Found> };

const CASES: Case[] = [
  { what: "fresh: the administrator is made, and logs in with the password", profiles: PROFILES, run: fresh },
  { what: "ours and known: nothing to do", profiles: PROFILES, run: known },
  { what: "ours, the sign-up's answer lost", profiles: PROFILES, run: (lab) => lost(lab, "/api/v1/admin/signup") },
  { what: "ours, the client secret's answer lost", profiles: PROFILES, run: (lab) => lost(lab, "/client-secrets") },
  { what: "ours, the whole state lost", profiles: PROFILES, run: stateLost },
  { what: "foreign: refused, and left as it is", profiles: PROFILES, run: foreign },
  { what: "no sign-up route: bootstrap, its token dead (401)", profiles: ["recorded"], run: bootstrapped },
  { what: "no sign-up route, the bootstrap's answer lost", profiles: ["recorded"], run: bootstrapLost },
  {
    what: "no sign-up route, the token's revocation fails: its identity is deleted instead",
    profiles: ["recorded"],
    run: tokenNotRetired,
  },
  {
    what: "no sign-up route on a server whose bootstrap keeps no password: refused, its token dead (401)",
    profiles: ["v0.159.22"],
    run: bootstrapWithoutPassword,
  },
];

/** Plays the state machine of the first administrator through, on both kinds of servers. */
export async function rows(): Promise<MatrixRow[]> {
  const result: MatrixRow[] = [];
  for (const profile of PROFILES) {
    const lab = await ProgramLab.open({ SANDBOX_PROFILE: profile });
    try {
      for (const { what, run } of CASES.filter((one) => one.profiles.includes(profile))) {
        await lab.begin();
        await order(lab, []);
        const { seen, problems } = await run(lab);
        result.push({ case: `${profile}: ${what}`, seen: [seen, ...problems].join("\n"), ok: problems.length === 0 });
      }
    } finally {
      await lab.close();
    }
  }
  return [...result, ...(await dockerRows())];
}

/** The two that a person meets, with the real CLI and the server in its container. */
async function dockerRows(): Promise<MatrixRow[]> {
  const obstacle = dockerObstacle();
  const engine = await dockerIfReached();
  if (obstacle === undefined && engine !== undefined) {
    return [
      await onDocker(engine, "Docker: ours, killed when the administrator was made", lostOnDocker, "found again by up"),
      await onDocker(
        engine,
        "Docker: foreign: refused, and ours with what the message asks for",
        foreignOnDocker,
        "refused, nothing changed; with their e-mail and password up goes on",
      ),
    ];
  }
  const reason = obstacle ?? "no Docker engine";
  recordNotRun("the first administrator on Docker", reason);
  return [{ case: "Docker", seen: `not run: ${reason}`, ok: true }];
}

async function lostOnDocker(docker: DockerStack): Promise<string[]> {
  const hit = await docker.killedWhenServer(async (url) => (await instanceConfig(url)).initialized);
  const up = await docker.again("up");
  const { identities, clientSecrets, users } = await docker.census();
  return [
    ...(hit ? [] : ["the run was over before it could be killed"]),
    ...failed(up, "npm run up"),
    ...identityProblems({ identities, clientSecrets }),
    ...(users.length === 1 ? [] : [`${users.length} users`]),
    ...unlike(await docker.seen(), COMPLETE),
  ];
}

const SOMEBODY = { email: "somebody@example.com", password: "not ours at all" };

/** The run dies when the server is there and has no administrator; then somebody signs up. */
async function foreignOnDocker(docker: DockerStack): Promise<string[]> {
  const hit = await docker.killedWhenServer(async (url) => !(await instanceConfig(url)).initialized);
  await signUp(docker.stack.url, SOMEBODY);
  const before = await docker.census(SOMEBODY);
  const refused = await docker.again("up");
  const touched = compare(await docker.census(SOMEBODY), before);
  docker.stack.configure({ "admin.email": SOMEBODY.email });
  await docker.stack.configureSecret("admin.password", SOMEBODY.password);
  const up = await docker.again("up");
  return [
    ...(hit ? [] : ["the server did not come up"]),
    ...(refused.code === 0 ? ["it was not refused"] : []),
    ...(saysWhatToProvide(refused.text) ? [] : [`it does not say what to provide: ${refused.text}`]),
    ...[...touched.doubles, ...touched.losses].map((one) => `it changed something: ${one}`),
    ...failed(up, "npm run up with their e-mail and password"),
    ...identityProblems(await docker.census(SOMEBODY)),
  ];
}

function saysWhatToProvide(text: string): boolean {
  return /config set admin\.email/.test(text) && /config set --secret admin\.password/.test(text);
}

async function fresh(lab: ProgramLab): Promise<Found> {
  const before = await stateOf(lab);
  const up = await lab.engine.up();
  return found([before, await stateOf(lab)], ["fresh", "ours"], [...up.failures, ...(await passwordProblems(lab))]);
}

async function known(lab: ProgramLab): Promise<Found> {
  await lab.engine.up();
  const before = await stateOf(lab);
  const up = await lab.engine.up();
  return found([before], ["ours"], [...up.failures, ...up.steps.map((step) => `not expected: ${step}`)]);
}

/** The answer is lost and so is the run: the next one has nothing but the password. */
async function lost(lab: ProgramLab, path: string): Promise<Found> {
  const first = await killedAt(lab, path);
  const after = await stateOf(lab);
  const up = await lab.engine.up();
  const problems = [...first, ...up.failures, ...(await passwordProblems(lab)), ...(await secretProblems(lab))];
  return found([after, await stateOf(lab)], ["ours, credential lost", "ours"], problems);
}

async function stateLost(lab: ProgramLab): Promise<Found> {
  await lab.engine.up();
  lab.engine.restore(new Map());
  const before = await stateOf(lab);
  const up = await lab.engine.up();
  const problems = [...up.failures, ...(await secretProblems(lab))];
  return found([before, await stateOf(lab)], ["ours, credential lost", "ours"], problems);
}

async function foreign(lab: ProgramLab): Promise<Found> {
  await signUp(lab.server.url, { email: "somebody@example.com", password: "not ours at all" });
  const before = await stateOf(lab);
  lab.wire.arm(undefined);
  const up = await lab.engine.up();
  const changes = lab.wire.requests.filter(({ method, path }) => method !== "GET" && !path.endsWith("/auth/login"));
  const said = up.failures.join("\n");
  const problems = [
    ...(up.ended === "failed" ? [] : ["it was not refused"]),
    ...changes.map(({ method, path }) => `it changed something: ${method} ${path}`),
    ...(saysWhatToProvide(said) ? [] : [`it does not say what to provide: ${said}`]),
  ];
  return found([before], ["foreign"], problems);
}

const NO_SIGN_UP = {
  method: "POST",
  path: "^/api/v1/admin/signup$",
  nth: "every",
  kind: "status",
  status: 404,
  body: { message: "Route POST:/api/v1/admin/signup not found", error: "Not Found", statusCode: 404 },
};

async function bootstrapped(lab: ProgramLab): Promise<Found> {
  await order(lab, [NO_SIGN_UP]);
  const tokens = tokensGiven(lab);
  const up = await lab.engine.up();
  const problems = [...up.failures, ...(await passwordProblems(lab)), ...(await tokenProblems(lab, tokens.stop()))];
  return found([await stateOf(lab)], ["ours"], [...problems, ...(await secretProblems(lab))]);
}

async function bootstrapLost(lab: ProgramLab): Promise<Found> {
  await order(lab, [NO_SIGN_UP]);
  const tokens = tokensGiven(lab);
  const first = await killedAt(lab, "/api/v1/admin/bootstrap");
  const up = await lab.engine.up();
  const problems = [...first, ...up.failures, ...(await tokenProblems(lab, tokens.stop()))];
  return found([await stateOf(lab)], ["ours"], [...problems, ...(await secretProblems(lab))]);
}

async function tokenNotRetired(lab: ProgramLab): Promise<Found> {
  const broken = { method: "POST", path: "/auth/token/revoke$", nth: "every", kind: "status", status: 500 };
  await order(lab, [NO_SIGN_UP, broken]);
  const tokens = tokensGiven(lab);
  const up = await lab.engine.up();
  const problems = [...up.failures, ...(await tokenProblems(lab, tokens.stop())), ...(await secretProblems(lab))];
  return found([await stateOf(lab)], ["ours"], problems);
}

async function bootstrapWithoutPassword(lab: ProgramLab): Promise<Found> {
  await order(lab, [NO_SIGN_UP]);
  const tokens = tokensGiven(lab);
  const up = await lab.engine.up();
  const problems = await tokenProblems(lab, tokens.stop());
  if (!/without a password/.test(up.failures.join())) problems.push("it is not said why nobody can log in");
  return { seen: up.failures.join("; "), problems };
}

function found(states: BootstrapState["state"][], wanted: BootstrapState["state"][], problems: string[]): Found {
  const wrong = states.join(", ") === wanted.join(", ") ? [] : [`expected: ${wanted.join(", ")}`];
  return { seen: states.join(" -> "), problems: [...wrong, ...problems] };
}

/** What `doctor` would say. */
async function stateOf({ engine, server }: ProgramLab): Promise<BootstrapState["state"]> {
  const state = [...engine.state.values()].find(({ type }) => type.endsWith(":Administrator"))?.outputs;
  const automation =
    state?.clientId === undefined
      ? undefined
      : { clientId: String(state.clientId), clientSecret: String(state.clientSecret) };
  return (await bootstrapState({ url: server.url, login: ADMINISTRATOR, automation })).state;
}

/** Lets the provider die when the answer to this request is on its way. @returns what went wrong with that. */
async function killedAt({ engine, wire }: ProgramLab, path: string): Promise<string[]> {
  let hit = false;
  wire.arm({
    victim: "provider",
    when: "after",
    request: (request) => !hit && request.method === "POST" && request.path.endsWith(path),
    onCut() {
      hit = true;
      engine.kill();
    },
  });
  await engine.up();
  await wire.heal();
  return hit ? [] : [`no request to ${path} was made`];
}

async function passwordProblems({ server }: ProgramLab): Promise<string[]> {
  const session = await openSession(server.url, ADMINISTRATOR);
  return session === undefined ? ["the administrator cannot log in with the password"] : [];
}

/** One automation identity with one client secret: what was lost on the way is gone. */
async function secretProblems(lab: ProgramLab): Promise<string[]> {
  return identityProblems(await lab.census());
}

function identityProblems({ identities, clientSecrets }: Pick<Census, "identities" | "clientSecrets">): string[] {
  const count = (names: string[]): number => names.filter((name) => name === "pulumi-automation").length;
  return [
    ...(count(identities) === 1 ? [] : [`${count(identities)} automation identities`]),
    ...(count(clientSecrets) === 1 ? [] : [`${count(clientSecrets)} good client secrets of the automation identity`]),
    ...(identities.includes("Instance Admin Identity") ? ["the identity of the bootstrap is still there"] : []),
  ];
}

/** Tokens that a bootstrap hands out from now on, seen as they pass, also those that reach nobody. */
function tokensGiven({ wire }: ProgramLab): { stop: () => Promise<string[]> } {
  const seen: Promise<string | undefined>[] = [];
  wire.tap = ({ path }, response) => {
    if (path.endsWith("/admin/bootstrap") && response.ok) seen.push(tokenIn(response));
  };
  return {
    async stop() {
      wire.tap = () => {};
      return (await Promise.all(seen)).filter((token) => token !== undefined);
    },
  };
}

async function tokenIn(response: Response): Promise<string | undefined> {
  const token = at(await response.json(), "identity.credentials.token");
  return typeof token === "string" ? token : undefined;
}

/** Every one of them is answered with 401. */
async function tokenProblems({ server }: ProgramLab, given: Promise<string[]>): Promise<string[]> {
  const tokens = await given;
  const problems = tokens.length === 0 ? ["no token was handed out"] : [];
  for (const token of tokens) {
    try {
      const answer = await send(server.url, { method: "GET", path: "/api/v1/identities/details", token });
      problems.push(
        `the bootstrap's token is still good, for ${stringAt(answer, "identityDetails.organization.name")}`,
      );
    } catch (thrown) {
      if (!isStatus(thrown, 401)) throw thrown;
    }
  }
  return problems;
}

async function order({ server }: ProgramLab, rules: object[]): Promise<void> {
  await fetch(`${server.url}/__sandbox/faults`, { method: "DELETE" });
  if (rules.length === 0) return;
  const headers = { "content-type": "application/json" };
  await fetch(`${server.url}/__sandbox/faults`, { method: "POST", headers, body: JSON.stringify(rules) });
}
