import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../infra/api/fault";
import type { MatrixRow } from "../../cli/commands/matrix";
import { readBlueprintFile } from "../../infra/blueprint/load";
import { configNamesOf, resolveValues } from "../../infra/blueprint/values";

/** A blueprint with one mistake: the one message that it must give, and the line that it must name. */
export interface BadBlueprint {
  case: string;
  text: string;
  line: number;
  says: RegExp;
}

/** The time at which the cases are looked at. */
const NOW = new Date("2027-01-15T12:00:00Z");
const VARIABLES = { TOO_OPEN: "a${b}", EMPTY: "" };

const project = (inside: string, identities = ""): string => `projects:
  my-rag:
    name: my-rag
    environments: { dev: Development, prod: Production }
${inside}${identities}`;

/** Secrets of dev:/app, from line 9 on. */
const secrets = (keys: string, identities = ""): string =>
  project(`    tags: { red: "#ff0000" }\n    secrets:\n      dev:\n        /app:\n${indent(10, keys)}`, identities);

/** Grants of one identity; the first of them is line 12. */
const grants = (lines: string): string =>
  secrets(`A: x`, `identities:\n  app:\n    grants:\n${indent(6, lines)}`).replace(
    'tags: { red: "#ff0000" }\n    ',
    "",
  );

/** What is said of one identity, from line 11 on. */
const identity = (lines: string): string =>
  grants("- { environment: dev, path: /app }").replace(/ {4}grants:[^]*/, indent(4, lines));

const indent = (width: number, lines: string): string =>
  lines
    .split("\n")
    .map((line) => `${" ".repeat(width)}${line}\n`)
    .join("");

export const BAD_BLUEPRINTS: BadBlueprint[] = [
  // What YAML makes of it.
  { case: "key twice in a folder", text: secrets("A: x\nB: y\nA: z"), line: 11, says: /^A stands here twice/ },
  {
    case: "folder twice",
    text: project("    secrets:\n      dev:\n        /a: { A: x }\n        /a: { B: y }\n"),
    line: 8,
    says: /^\/a stands here twice/,
  },
  { case: "tab for indentation", text: "projects:\n\tmy-rag: {}\n", line: 2, says: /[Tt]abs/ },
  {
    case: "no without quotes",
    text: secrets("A: no"),
    line: 9,
    says: /no without quotes is true or false.*write "no"/,
  },
  { case: "on as literal without quotes", text: secrets("A: { literal: On }"), line: 9, says: /On without quotes/ },
  { case: "date without quotes", text: secrets("A: 2026-11-24"), line: 9, says: /2026-11-24 without quotes is a date/ },
  {
    case: "octal number without quotes",
    text: secrets("A: 0755"),
    line: 9,
    says: /0755 without quotes is an octal number/,
  },
  { case: "number without quotes", text: secrets("A: 6333"), line: 9, says: /6333 without quotes is a number/ },
  { case: "exponent without quotes", text: secrets("A: 1e3"), line: 9, says: /1e3 without quotes is a number/ },
  { case: "time without quotes", text: secrets("A: 12:30:00"), line: 9, says: /to the base of 60/ },
  { case: "true without quotes", text: secrets("A: true"), line: 9, says: /true\/false have to be quoted/ },
  { case: "no value", text: secrets("A:"), line: 9, says: /write a text in quotes, or a source/ },
  {
    case: "number in metadata",
    text: secrets("A: { literal: x, metadata: { n: 1 } }"),
    line: 9,
    says: /write a text, in quotes/,
  },

  // Secrets.
  { case: "unknown source", text: secrets("A: { vault: secret/a }"), line: 9, says: /unknown key "vault"/ },
  { case: "no source", text: secrets("A: { comment: hm }"), line: 9, says: /say where the value comes from/ },
  { case: "two sources", text: secrets("A: { literal: x, env: HOME }"), line: 9, says: /one source, not 2/ },
  {
    case: "must-fill with a source",
    text: secrets("A: { ownership: must-fill, literal: x }"),
    line: 9,
    says: /must-fill has no source/,
  },
  { case: "unknown ownership", text: secrets("A: { literal: x, ownership: ours }"), line: 9, says: /ownership/ },
  {
    case: "required secret not set",
    text: secrets("A: { config: NOT_SET, required: true }"),
    line: 9,
    says: /NOT_SET is not set: pulumi config set --secret NOT_SET/,
  },
  {
    case: "variable not set",
    text: secrets("A: { env: EMPTY }"),
    line: 9,
    says: /environment variable EMPTY is not set/,
  },
  { case: "file not there", text: secrets("A: { file: no/such/file }"), line: 9, says: /no such file/ },
  {
    case: "reference in a foreign value",
    text: secrets("A: { env: TOO_OPEN }"),
    line: 9,
    says: /holds \$\{.*references: true/,
  },
  { case: "key without file", text: secrets("A: { env: HOME, key: x }"), line: 9, says: /`key` goes with `file`/ },
  {
    case: "generated and too short",
    text: secrets("A: { generated: { length: 4 } }"),
    line: 9,
    says: /at least 8 characters/,
  },
  { case: "unknown charset", text: secrets("A: { generated: { charset: emoji } }"), line: 9, says: /charset/ },
  { case: "name with a colon", text: secrets('"A:B": x'), line: 9, says: /Infisical refuses ":"/ },
  { case: "name with a slash", text: secrets('"A/B": x'), line: 9, says: /Infisical refuses ":" and "\/"/ },
  {
    case: "tag that is not there",
    text: secrets("A: { literal: x, tags: [blue] }"),
    line: 9,
    says: /no such tag: blue/,
  },
  {
    case: "value of 1 MiB",
    text: secrets(`A: "${"x".repeat(1_048_576)}"`),
    line: 9,
    says: /the value is 1048576 bytes/,
  },

  // References and imports.
  {
    case: "reference to nothing",
    text: secrets('A: "${NOPE}"'),
    line: 9,
    says: /refers to dev:\/app\/NOPE, which is not in this blueprint/,
  },
  {
    case: "reference to another environment's nothing",
    text: secrets('A: "${prod.app.A}"'),
    line: 9,
    says: /refers to prod:\/app\/A/,
  },
  { case: "reference to itself", text: secrets('A: "${A}"'), line: 9, says: /a circle: dev:\/app\/A -> dev:\/app\/A/ },
  {
    case: "references in a circle",
    text: secrets('A: "${B}"\nB: "x${C}"\nC: "${dev.app.A}"'),
    line: 9,
    says: /a circle: dev:\/app\/A -> dev:\/app\/B -> dev:\/app\/C -> dev:\/app\/A/,
  },
  { case: "reference not closed", text: secrets('A: "${B"'), line: 9, says: /not closed/ },
  {
    case: "import of a missing folder",
    text: project("    folders:\n      dev:\n        /a: { imports: [/nope] }\n"),
    line: 7,
    says: /there is no folder dev:\/nope/,
  },
  {
    case: "imports in a circle",
    text: project('    folders:\n      dev:\n        /a: { imports: [/b] }\n        /b: { imports: ["dev:/a"] }\n'),
    line: 7,
    says: /a circle: dev:\/a -> dev:\/b -> dev:\/a/,
  },
  {
    case: "reference that the identity cannot follow",
    text: project(
      '    secrets:\n      dev:\n        /a: { A: "${dev.b.B}" }\n        /b: { B: x }\n',
      "identities:\n  app:\n    grants:\n      - { environment: dev, path: /a }\n",
    ),
    line: 12,
    says: /may not read; Infisical then refuses the whole list/,
  },

  // Names.
  {
    case: "slug of a project too short",
    text: project("").replaceAll("my-rag", "rag"),
    line: 2,
    says: /at least 5 characters/,
  },
  { case: "capitals in a slug", text: project("").replace("  my-rag:", "  My-Rag:"), line: 2, says: /use a-z, 0-9/ },
  { case: "no project", text: "projects: {}\n", line: 1, says: /name at least one project/ },
  {
    case: "no environment",
    text: project("").replace(/\{ dev.*\}/, "{}"),
    line: 4,
    says: /name at least one environment/,
  },
  {
    case: "environment that is not there",
    text: project("    secrets:\n      qa:\n        /a: { A: x }\n"),
    line: 6,
    says: /"qa" is not an environment of my-rag \(dev, prod\)/,
  },
  {
    case: "relative path",
    text: project("    secrets:\n      dev:\n        app: { A: x }\n"),
    line: 7,
    says: /absolute path/,
  },
  {
    case: "dot in a path",
    text: project("    secrets:\n      dev:\n        /a.b: { A: x }\n"),
    line: 7,
    says: /absolute path/,
  },
  { case: "unknown key", text: project("    enviroments: {}\n"), line: 5, says: /unknown key "enviroments"/ },
  { case: "colour that is none", text: project("    tags: { red: crimson }\n"), line: 5, says: /colour/ },
  {
    case: "role that is none",
    text: project("    members: { a@example.com: boss }\n"),
    line: 5,
    says: /a@example.com/,
  },
  {
    case: "groups, which need a licence",
    text: project("    groups: [ops]\n"),
    line: 5,
    says: /groups of people need a licence/,
  },
  { case: "audit logs, which need a licence", text: project("    audit: true\n"), line: 5, says: /audit logs/ },
  {
    case: "webhook to an own address",
    text: project("    folders:\n      dev:\n        /a: { webhooks: [{ url: http://10.0.0.1/x }] }\n"),
    line: 7,
    says: /own network/,
  },
  {
    case: "webhook without an address",
    text: project("    folders:\n      dev:\n        /a: { webhooks: [{ url: nowhere }] }\n"),
    line: 7,
    says: /write an address/,
  },

  // Identities.
  {
    case: "grant in an unknown environment",
    text: grants("- { environment: qa, path: /app }"),
    line: 12,
    says: /"qa" is not an environment/,
  },
  {
    case: "grant in an unknown project",
    text: grants("- { project: other-one, environment: dev, path: /app }"),
    line: 12,
    says: /no project "other-one"/,
  },
  {
    case: "end in the past",
    text: grants('- { environment: dev, path: /app, until: "2026-12-31T00:00:00Z" }'),
    line: 12,
    says: /is in the past/,
  },
  {
    case: "end that is no time",
    text: grants("- { environment: dev, path: /app, until: tomorrow }"),
    line: 12,
    says: /write a time/,
  },
  {
    case: "same folder granted twice",
    text: grants("- { environment: dev, path: /app }\n- { environment: dev, path: /app, actions: [read, write] }"),
    line: 13,
    says: /\/app clashes with \/app of grant 1/,
  },
  {
    case: "folder below a granted subtree",
    text: grants("- { environment: dev, path: /app/** }\n- { environment: [dev, prod], path: /app/sub }"),
    line: 13,
    says: /\/app\/sub clashes with \/app\/\*\*/,
  },
  { case: "whole environment", text: grants("- { environment: dev, path: /** }"), line: 12, says: /acknowledge/ },
  {
    case: "write without read",
    text: grants("- { environment: dev, path: /app, actions: [write] }"),
    line: 12,
    says: /write goes with read/,
  },
  { case: "star inside a path", text: grants("- { environment: dev, path: /a*/b }"), line: 12, says: /absolute path/ },
  { case: "ttl above maxTtl", text: identity("token: { ttl: 7200, maxTtl: 3600 }"), line: 11, says: /above maxTtl/ },
  {
    case: "grace below the token's ttl",
    text: identity("clientSecret: { grace: 60 }"),
    line: 11,
    says: /60 s is below token.ttl \(7200 s\)/,
  },
  {
    case: "rotation after the end",
    text: identity("clientSecret: { ttl: 3600, rotateAfter: 7200 }"),
    line: 11,
    says: /not before the secret expires/,
  },
  {
    case: "allow-list on a free server",
    text: identity("trustedIps: [10.0.0.0/8]"),
    line: 11,
    says: /free server refuses an IP allow-list/,
  },
  { case: "lockout after 0 tries", text: identity("lockout: { threshold: 0 }"), line: 11, says: /threshold/ },
];

export async function rows(): Promise<MatrixRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "infisical-blueprint-"));
  try {
    return BAD_BLUEPRINTS.map((bad) => {
      const seen = refusalOf(folder, bad.text);
      return { case: bad.case, seen: short(seen), ok: isRight(bad, seen) };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a blueprint is refused with. */
export function refusalOf(folder: string, text: string): string {
  const file = join(folder, "blueprint.yaml");
  writeFileSync(file, text);
  try {
    const blueprint = readBlueprintFile(file, "blueprint.yaml", { licensed: false, now: NOW });
    configNamesOf(blueprint.plan);
    resolveValues(blueprint, { config: () => undefined, env: VARIABLES, root: folder, opened: new Map() });
    return "accepted";
  } catch (thrown) {
    return messageOf(thrown);
  }
}

/** One message, with file and line, that says what is wrong. */
function isRight({ line, says }: BadBlueprint, seen: string): boolean {
  const [, at, text = ""] = /^blueprint\.yaml:(\d+): (.*)$/.exec(seen) ?? [];
  return (
    Number(at) === line && says.test(text.replace(/^[^ ]+: /, (path) => (says.source.startsWith("^") ? "" : path)))
  );
}

function short(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 300)}...`;
}
