import { FORMATS, githubMasks, masked, type Environment, type Format } from "../core/environment";
import { parseDotenv } from "../core/consumers";
import { writeSecretFile } from "../core/env-file";
import { Failure, misuse } from "../core/failure";
import { stackOutputs } from "../core/pulumi";
import { summarize } from "../core/summary";
import { openWorkspace } from "../core/workspace";

export interface EnvOptions {
  format: string;
  /** File to write, of mode 0600. */
  output?: string;
  /** Identity to take, when the blueprint has several. */
  identity?: string;
  /** Print the secrets too. */
  show?: boolean;
}

/** Prints or writes what an application needs in its environment to read its secrets. */
export async function env(stack: string, options: EnvOptions): Promise<void> {
  if (!(options.format in FORMATS)) {
    throw misuse(`there is no format "${options.format}"; there are: ${Object.keys(FORMATS).join(", ")}`);
  }
  const format = options.format as Format;
  const environment = environmentFor(await stackOutputs(openWorkspace(stack)), options.identity);
  if (options.output !== undefined) {
    writeSecretFile(options.output, FORMATS[format](environment));
    return summarize("env", { stack, variables: Object.keys(environment).length, file: options.output });
  }
  if (options.show !== true) {
    process.stdout.write(FORMATS[format](masked(environment)));
    return console.error(
      "env: secrets are hidden; --show prints them, --output <file> writes them to a file of mode 0600",
    );
  }
  // A CI system has to know what to hide before it sees it.
  if (format === "github") process.stderr.write(githubMasks(environment));
  process.stdout.write(FORMATS[format](environment));
}

function environmentFor(outputs: { [name: string]: unknown }, identity: string | undefined): Environment {
  const dotenv = outputs.dotenv;
  if (typeof dotenv !== "string")
    throw new Failure("the stack has no identity for an application yet. Run `npm run up` first.");
  const environment = parseDotenv(dotenv);
  if (identity === undefined) return environment;
  const all = (outputs.identities ?? {}) as { [name: string]: { [field: string]: unknown } };
  const one = all[identity];
  if (one === undefined) throw misuse(`there is no identity "${identity}"; there are: ${Object.keys(all).join(", ")}`);
  const field = (name: string, otherwise: string | undefined): string =>
    typeof one[name] === "string" ? one[name] : (otherwise ?? "");
  return {
    ...environment,
    INFISICAL_PROJECT_ID: field("projectId", environment.INFISICAL_PROJECT_ID),
    INFISICAL_CLIENT_ID: field("clientId", environment.INFISICAL_CLIENT_ID),
    INFISICAL_CLIENT_SECRET: field("clientSecret", environment.INFISICAL_CLIENT_SECRET),
    INFISICAL_ENV: field("environment", environment.INFISICAL_ENV),
    INFISICAL_PATH: field("secretPath", environment.INFISICAL_PATH),
  };
}
