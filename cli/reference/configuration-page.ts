import { blueprintReference } from "./blueprint";
import { settingsReference } from "./settings";

/** The page `docs/configuration.md`, before it is formatted. */
export function configurationPage(): string {
  return `# Configuration

<!-- Made by \`npm run docs\` from infra/settings-schema.ts and infra/blueprint/schema.ts: change those. -->

Two things tell a stack what to be: its **settings** (one file for each stack) and its **blueprint** (what to provision).
Both are checked before anything is created; a wrong key or value is refused with the remedy.

## Settings

\`\`\`sh
npm run -s pulumi -- config                                 # what is set
npm run -s pulumi -- config set admin.email me@example.com
npm run -s pulumi -- config rm admin.email
\`\`\`

With \`--stack NAME\` at the end they are for another stack than \`dev\`. Values with \`--secret\` are encrypted with the
stack's passphrase; the command asks for them, so that they stand in no command line. What you set goes into a copy of
the stack's file in \`.local/stacks/\`, and the tracked \`Pulumi.<stack>.yaml\` stays as it is; what you change there is
taken over.

${settingsReference()}
### Keys that the blueprint makes

| key | value | what it does |
| --- | --- | --- |
| \`<NAME>\` | text, set with \`--secret\` | The value of every \`{ config: <NAME> }\` of the blueprint. |
| \`generation.<identity>\` | whole number from 1 | Number of the identity's client secret. \`npm run rotate\` raises it. |
| \`revoked.<identity>\` | whole number from 1 | Client secrets up to this number are revoked. \`npm run rotate -- --now\` sets it. |

## Environment variables

| variable | what it does |
| --- | --- |
| \`PULUMI_STACK\` | The stack that commands work on without \`--stack\`. |
| \`PULUMI_BACKEND_URL\`, \`PULUMI_ACCESS_TOKEN\` | A backend of your own; the commands then use it and the tracked stack file. |
| \`PULUMI_CONFIG_PASSPHRASE\`, \`PULUMI_CONFIG_PASSPHRASE_FILE\` | A passphrase of your own instead of \`.local/passphrase\`. |
| \`DOCKER_HOST\` | The Docker engine, when \`server.dockerHost\` is not set. |
| \`INFISICAL_STANDINS=1\` | Allows the stand-ins of [stand-ins.md](stand-ins.md) where Pulumi's own plugins are missing. |

## Blueprint

\`blueprints/my-rag.yaml\` is an example, [blueprint.md](blueprint.md) explains, this lists. Times are in seconds.

${blueprintReference()}`;
}
