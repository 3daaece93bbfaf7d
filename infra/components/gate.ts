import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

/** What the gate waits for. */
export interface GateArgs {
  /** Address of the server, made of configuration only. */
  url: string;
  /** Ids of the containers to look at while waiting, the server's first; none where there are no containers. */
  containers: pulumi.Input<string>[];
  /** Seconds. */
  timeout: number;
  dockerHost: string | undefined;
}

/**
 * Waits until the server answers, with live progress lines, and fails early with the story when a container is dead.
 *
 * Nothing may use its output: what depends on the server depends on the gate by `dependsOn`. It runs again when a
 * container is another one; an `update` command would make it run when only its environment changes.
 */
export function readinessGate(name: string, args: GateArgs, opts: pulumi.CustomResourceOptions): command.local.Command {
  return new command.local.Command(
    name,
    {
      create: "node --import tsx gate/main.ts",
      triggers: args.containers,
      addPreviousOutputInEnv: false,
      environment: {
        GATE_URL: args.url,
        GATE_TIMEOUT: String(args.timeout),
        GATE_DOCKER_HOST: args.dockerHost ?? "",
        GATE_CONTAINERS: pulumi.all(args.containers).apply((ids) => ids.join(" ")),
        // The command inherits the whole environment of the Pulumi CLI.
        PULUMI_CONFIG_PASSPHRASE: "",
        PULUMI_CONFIG_PASSPHRASE_FILE: "",
        PULUMI_CONFIG: "",
      },
    },
    opts,
  );
}
