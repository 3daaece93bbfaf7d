import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";

export interface PostgresPasswordArgs {
  /** Id of the Postgres container. */
  container: pulumi.Input<string>;
  password: pulumi.Input<string>;
  dockerHost: string | undefined;
}

/**
 * Gives the database's role its password where that is not the one that the data was made with. It runs when the
 * container is another one, before the server is started that logs in with it.
 */
export function postgresPassword(
  name: string,
  args: PostgresPasswordArgs,
  opts: pulumi.CustomResourceOptions,
): command.local.Command {
  return new command.local.Command(
    name,
    {
      create: "node --import tsx database/set-password.ts",
      triggers: [args.container],
      stdin: args.password,
      addPreviousOutputInEnv: false,
      environment: {
        ROLE_CONTAINER: args.container,
        ROLE_DOCKER_HOST: args.dockerHost ?? "",
        // The command inherits the whole environment of the Pulumi CLI.
        PULUMI_CONFIG_PASSPHRASE: "",
        PULUMI_CONFIG_PASSPHRASE_FILE: "",
        PULUMI_CONFIG: "",
      },
    },
    opts,
  );
}
