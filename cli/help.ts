import type { Command } from "commander";

/** What to type, and what it is for. */
type Example = readonly [line: string, purpose: string];

/** How the commands go together, at the end of the help of all of them. */
const FIRST_STEPS: Example[] = [
  ["npm run sandbox", "try everything without Docker"],
  ["npm run up", "Infisical in Docker"],
  ["npm run env -- --output .env", "what an application needs, as a file"],
  ["npm run report", "look at what was built"],
  ["npm run down", "take it away again"],
];

/** Examples by command; the page that tells more comes last. */
export const HELP: { [command: string]: { examples: Example[]; page?: string } } = {
  up: {
    examples: [
      ["npm run up", "stack dev: make it, or bring it up to date"],
      ["npm run up -- --stack staging", "another stack; its settings are in Pulumi.staging.yaml"],
      ["npm run up -- --no-verify", "without the proof of who may do what at the end"],
    ],
    page: "docs/quickstart.md",
  },
  sandbox: {
    examples: [
      ["npm run sandbox", "make it, and read the secrets back with both SDKs"],
      ["npm run down -- --stack sandbox", "take it down"],
    ],
    page: "docs/stand-ins.md",
  },
  preview: {
    examples: [["npm run preview", "names of what changes; values of secrets are never shown"]],
  },
  verify: {
    examples: [
      ["npm run verify", "one line for each identity, folder and SDK: + allowed, - refused"],
      ["npm run -s verify -- --json", "every try, for a program"],
      ["npm run verify -- --junit verify.xml", "a report that CI systems show as tests"],
    ],
    page: "docs/access.md",
  },
  rotate: {
    examples: [
      ["npm run rotate -- rag-sdk-identity", "a new client secret; the one before stays good for its grace"],
      ["npm run rotate -- rag-sdk-identity --env-file .env", "and write it into this file, now and from now on"],
      ["npm run rotate -- rag-sdk-identity --now", "in an emergency: the one before is cut off at once"],
      ["npm run rotate", "end what is under way, and tell the ages"],
    ],
    page: "docs/rotation.md",
  },
  env: {
    examples: [
      ["npm run env", "names and values, secrets hidden"],
      ["npm run env -- --output .env", "a file of mode 0600 that git does not see"],
      ['eval "$(npm run -s env -- --format shell --show)"', "into this shell"],
      ["npm run -s env -- --format json --show", "for a program"],
    ],
    page: "docs/how-to/application-environment.md",
  },
  report: {
    examples: [
      ["npm run report", "writes .local/report/dev.html: open it in a browser"],
      ["npm run report -- --no-verify", "without asking the server, as when it is away"],
      ["npm run -s report -- --json", "the same for a program"],
    ],
  },
  down: {
    examples: [
      ["npm run down", "containers, volumes, network and state of stack dev"],
      ["npm run down -- --stack sandbox", "the sandbox with its data"],
      ["npm run down -- --delete-data", "a durable stack, with data that is protected"],
      ["npm run down -- --sweep --delete-data", "what bears the stack's label, when its state is lost"],
    ],
  },
  doctor: {
    examples: [
      ["npm run doctor", "a line for each thing looked at; what is bad with what to do"],
      ["npm run doctor -- --fix", "and do what is safe to do"],
      ["npm run -s doctor -- --json", "the same for a program; exit code 1 when something is bad"],
    ],
    page: "docs/troubleshooting.md",
  },
  backup: {
    examples: [
      ["npm run backup", "into .local/backups/dev, locked with the stack's passphrase"],
      ["npm run backup -- --keep 14 --folder /mnt/backups --recipient age1...", "as on a schedule"],
    ],
    page: "docs/backup.md",
  },
  restore: {
    examples: [
      ["npm run restore -- <archive>", "back into the stack that it was saved from"],
      ["npm run restore -- --stack copy <archive>", "into a new stack; its port is set in Pulumi.copy.yaml"],
    ],
    page: "docs/backup.md",
  },
  drill: {
    examples: [["npm run drill", "whether the newest backup can be restored; touches nothing else"]],
    page: "docs/backup.md",
  },
  upgrade: {
    examples: [
      ["npm run upgrade -- --to v0.160.0 --rehearse", "only try it, on a copy of the data"],
      ["npm run upgrade -- --to v0.160.0", "and then do it"],
    ],
    page: "docs/upgrade.md",
  },
  repair: {
    examples: [["npm run repair", "after kill -9, a crash or a power cut; data stays"]],
    page: "docs/troubleshooting.md",
  },
  pulumi: {
    examples: [
      ["npm run -s pulumi -- stack output clientId", "one output"],
      ["npm run pulumi -- config set --secret OPENAI_API_KEY", "asks for the value"],
    ],
    page: "docs/configuration.md",
  },
  docs: {
    examples: [
      ["npm run docs", "after a change of a schema"],
      ["npm run docs -- --check", "exit code 1 when it is not in step"],
    ],
  },
  test: {
    examples: [
      ["npm test", "everything"],
      ["npm run test:unit", "the quick ones"],
    ],
    page: "CONTRIBUTING.md",
  },
};

/** Puts examples after the help of every command that has some, and the first steps after the help of all. */
export function teach(cli: Command): void {
  cli.addHelpText("after", `\n${examplesText("First steps", FIRST_STEPS)}`);
  for (const command of cli.commands) {
    const help = HELP[command.name()];
    if (help === undefined) continue;
    const more = help.page === undefined ? "" : `\n\nMore: ${help.page}`;
    command.addHelpText("after", `\n${examplesText("Examples", help.examples)}${more}`);
  }
}

function examplesText(title: string, examples: Example[]): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  return [`${title}:`, ...examples.map(([line, purpose]) => `  ${line.padEnd(width)}  ${purpose}`)].join("\n");
}
