/** A wrong blueprint: the project's own with one place changed. */
export interface BadBlueprint {
  case: string;
  /** Texts of blueprints/my-rag.yaml and what takes their place; or a whole file. */
  edit: [from: string, to: string][] | string;
  /** A text that stands in the line that the message has to name. Default: the first line of the last replacement. */
  at?: string;
  tells: string[];
}

const LITERAL = "OPENAI_LLM_MODEL: gpt-4o-mini";
const TOKEN = "token: { ttl: 7200, maxTtl: 7200 }";
const ACTIONS = "        actions: [read]";
const SECTION = "    secrets:\n";

const value = (title: string, written: string, ...tells: string[]): BadBlueprint => ({
  case: `secret value: ${title}`,
  edit: [[LITERAL, `OPENAI_LLM_MODEL: ${written}`]],
  tells,
});
const name = (title: string, written: string, ...tells: string[]): BadBlueprint => ({
  case: `secret name: ${title}`,
  edit: [[LITERAL, `${written}: gpt-4o-mini`]],
  tells,
});
const folder = (written: string): BadBlueprint => ({
  case: `folder: ${written}`,
  edit: [[SECTION, `    folders: { staging: ["${written}"] }\n${SECTION}`]],
  tells: ["projects.my-rag.folders.staging", "absolute path"],
});
const identity = (title: string, lines: string, ...tells: string[]): BadBlueprint => ({
  case: `identity: ${title}`,
  edit: [[TOKEN, lines]],
  tells: ["identities.rag-sdk-identity", ...tells],
});
const grant = (title: string, edit: [string, string], ...tells: string[]): BadBlueprint => ({
  case: `grant: ${title}`,
  edit: [edit],
  tells: ["identities.rag-sdk-identity.grants.0", ...tells],
});
const project = (title: string, lines: string, ...tells: string[]): BadBlueprint => ({
  case: `project: ${title}`,
  edit: [[SECTION, `    ${lines}\n${SECTION}`]],
  tells: ["projects.my-rag", ...tells],
});

const FILE: BadBlueprint[] = [
  { case: "file: empty", edit: "", at: "", tells: ["projects"] },
  { case: "file: a list", edit: "- projects\n", at: "- projects", tells: ["expected"] },
  {
    case: "file: brackets not closed",
    edit: [["{ config: OPENAI_API_KEY }", "{ config: OPENAI_API_KEY"]],
    at: "OPENAI_EMBED_MODEL",
    tells: ["}"],
  },
  { case: "file: indented by a tab", edit: [["    name: my-rag", "\tname: my-rag"]], tells: ["Tabs are not allowed"] },
  {
    case: "file: a key twice",
    edit: [["QDRANT_URL: http://localhost:6333", "OPENAI_LLM_MODEL: gpt-4o"]],
    tells: ["OPENAI_LLM_MODEL", "twice"],
  },
  {
    case: "file: an unknown section",
    edit: [["identities:\n", "secrets: {}\nidentities:\n"]],
    tells: ['unknown key "secrets"'],
  },
  {
    case: "file: a misspelt section",
    edit: [["identities:\n", "identites:\n"]],
    tells: ['unknown key "identites"', "Did you mean identities?"],
  },
  {
    case: "file: no project",
    edit: "projects: {}\n",
    at: "projects",
    tells: ["at least one project"],
  },
  {
    case: "file: what needs a licence",
    edit: [["identities:\n", "groups: {}\nidentities:\n"]],
    tells: ["groups", "licence", "members"],
  },
];

const PROJECT: BadBlueprint[] = [
  { case: "project: slug too short", edit: [["  my-rag:", "  rag:"]], tells: ["projects.rag", "at least 5"] },
  { case: "project: slug in capitals", edit: [["  my-rag:", "  My-Rag:"]], tells: ["projects.My-Rag", "a-z, 0-9"] },
  { case: "project: no name", edit: [["    name: my-rag\n", ""]], at: "  my-rag:", tells: ["projects.my-rag.name"] },
  {
    case: "project: a number as its name",
    edit: [["    name: my-rag", "    name: 12"]],
    tells: ["projects.my-rag.name", "quotes"],
  },
  {
    case: "project: a misspelt key",
    edit: [["    description:", "    descripton:"]],
    tells: ['unknown key "descripton"', "Did you mean description?"],
  },
  {
    case: "project: a misspelt key that is needed",
    edit: [["    environments:", "    enviroments:"]],
    tells: ['unknown key "enviroments"', "Did you mean environments?"],
  },
  {
    case: "project: secrets of an environment that is not defined",
    edit: [["      dev:\n        /openai-rag:", "      develop:\n        /openai-rag:"]],
    tells: ["projects.my-rag.secrets.develop", '"develop" is not an environment of my-rag (dev, staging, prod)'],
  },
  {
    case: "project: an environment's slug in capitals",
    edit: [["      prod: Production", "      PROD: Production"]],
    tells: ["projects.my-rag.environments.PROD", "a-z, 0-9"],
  },
  {
    case: "project: an environment without a name",
    edit: [["      prod: Production", "      prod:"]],
    tells: ["projects.my-rag.environments.prod"],
  },
  project("folders of an environment that is not defined", "folders: { qa: [/a] }", '"qa" is not an environment'),
  project("a member without an e-mail address", "members: { ann: admin }", "members.ann", "e-mail address"),
  project("a member with an unknown role", "members: { ann@example.com: owner }", "ann@example.com", "admin"),
  project("a tag with a colour by name", 'tags: { app: "blue" }', "tags.app", "#4a90d9"),
  project("an unknown rule for extra keys", "extraKeys: delete", "extraKeys", "keep"),
  project("an import of a folder that is not there", "folders: { dev: { /b: { imports: [/nowhere] } } }", "/nowhere"),
  project(
    "a webhook into its own network",
    "folders: { dev: { /b: { webhooks: [{ url: http://localhost:1/x }] } } }",
    "http://localhost:1/x",
    "own network",
  ),
];

const FOLDERS: BadBlueprint[] = ["/open ai", "openai-rag", "/openai-rag/", "/../up", "/größe", "//two"].map(folder);

const VALUES: BadBlueprint[] = [
  value("no, without quotes", "no", "true or false", 'write "no"'),
  value("on, without quotes", "on", "true or false", 'write "on"'),
  value("a date, without quotes", "2024-01-31", "a date", 'write "2024-01-31"'),
  value("an octal number, without quotes", "0755", "octal", 'write "0755"'),
  value("a time, without quotes", "12:30", "60", 'write "12:30"'),
  value("a number, without quotes", "1.10", "number", 'write "1.10"'),
  value("true, without quotes", "true", "quot"),
  value("nothing", "", "OPENAI_LLM_MODEL", "quotes"),
  value("a list", "[a, b]", "OPENAI_LLM_MODEL", "quotes"),
  value("an unknown source", "{ vault: x }", 'unknown key "vault"'),
  value("two sources", "{ config: A, literal: b }", "one source, not 2"),
  value("no source", "{ comment: x }", "where the value comes from"),
  value("a configuration name with a space", "{ config: A B }", "letters, digits and _"),
  value("an environment variable that is not set", "{ env: NOT_SET_ANYWHERE }", "NOT_SET_ANYWHERE is not set"),
  value("a file that is not there", "{ file: no/such.txt }", "no/such.txt", "no such file"),
  value(
    "a configuration secret that is required",
    "{ config: NEEDED, required: true }",
    "NEEDED is not set",
    "--secret",
  ),
  value("a generated one that is too short", "{ generated: { length: 4 } }", "at least 8"),
  value("an unknown kind of characters", "{ generated: { charset: emoji } }", "charset"),
  value("an unknown tag", "{ literal: a, tags: [nope] }", "no such tag: nope"),
  value("an unknown ownership", "{ literal: a, ownership: mine }", "ownership"),
  value("a reference to nothing", '"${NOWHERE}"', "NOWHERE"),
  value("a reference to itself", '"${OPENAI_LLM_MODEL}"', "OPENAI_LLM_MODEL"),
  value("larger than the server takes", `"${"x".repeat(1_100_000)}"`, "1 MiB"),
];

const NAMES: BadBlueprint[] = [
  name("with a colon", '"OPENAI:MODEL"', 'refuses ":" and "/"'),
  name("with a slash", "OPENAI/MODEL", 'refuses ":" and "/"'),
  name("with a space before it", '" OPENAI_MODEL"', "white space"),
  name("empty", '""', "a name is needed"),
];

const IDENTITIES: BadBlueprint[] = [
  identity("TTL above max TTL", "token: { ttl: 7201, maxTtl: 7200 }", "token.ttl", "7201 s is above maxTtl (7200 s)"),
  identity("TTL of 0", "token: { ttl: 0, maxTtl: 7200 }", "token.ttl"),
  identity("TTL as a text", "token: { ttl: 2h }", "token.ttl", "number"),
  identity("max TTL beyond ten years", "token: { maxTtl: 999999999 }", "token.maxTtl", "ten years"),
  identity("a misspelt lifetime", "token: { maxTTL: 7200 }", 'unknown key "maxTTL"', "Did you mean maxTtl?"),
  identity("an allow-list on a free server", 'trustedIps: ["10.0.0.0/8"]', "10.0.0.0/8", "free server", "licenseKey"),
  identity("an empty allow-list", "trustedIps: []", "trustedIps"),
  identity("a grace below the token's lifetime", "clientSecret: { grace: 60 }", "clientSecret.grace", "token.ttl"),
  identity(
    "a rotation after the end",
    "clientSecret: { ttl: 7200, rotateAfter: 7200 }",
    "clientSecret.rotateAfter",
    "7200 s",
  ),
  identity("a lockout out of range", "lockout: { threshold: 100 }", "lockout.threshold", "30"),
];

const GRANTS: BadBlueprint[] = [
  grant(
    "an environment that is not defined",
    ["environment: dev", "environment: develop"],
    '"develop" is not an environment of my-rag (dev, staging, prod)',
  ),
  grant("a project that is not defined", [ACTIONS, `        project: other\n${ACTIONS}`], "other", "my-rag"),
  grant("no environment", ["      - environment: dev\n        path", "      - path"], "environment"),
  { ...grant("no path", ["        path: /openai-rag\n", ""], "path"), at: "- environment: dev" },
  grant("a path that is not absolute", ["path: /openai-rag", "path: openai-rag"], "path", "absolute path"),
  grant("everything, unacknowledged", ["path: /openai-rag", "path: /**"], "path", "acknowledge"),
  grant("a misspelt key", ["        path: /openai-rag", "        paths: /openai-rag"], "Did you mean path?"),
  grant("an unknown action", ["[read]", "[admin]"], "actions", "read"),
  grant("no action", ["[read]", "[]"], "actions"),
  grant("write without read", ["[read]", "[write]"], "actions", "[read, write]"),
  grant("an end that is past", [ACTIONS, `        until: "2020-01-01T00:00:00Z"\n${ACTIONS}`], "until"),
  grant("an end that is no time", [ACTIONS, `        until: tomorrow\n${ACTIONS}`], "until", "2027-01-31T18:00:00Z"),
];
export const BLUEPRINT_CASES: BadBlueprint[] = [
  ...FILE,
  ...PROJECT,
  ...FOLDERS,
  ...NAMES,
  ...VALUES,
  ...IDENTITIES,
  ...GRANTS,
];
