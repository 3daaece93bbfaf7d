import type { Command } from "commander";
import { bundle, type BundleOptions } from "../commands/bundle";
import { ephemeral, reapCommand, type EphemeralOptions, type ReapOptions } from "../commands/ephemeral";
import type { OnStack, StackCommand } from "./stack-command";

/** Commands for other places: machines without internet, and throwaway instances for tests. */
export function addElsewhereCommands(cli: Command, command: StackCommand): void {
  command("bundle", "everything that a machine without internet needs, in one archive; what is not in it is named")
    .option("--check", "only say what would be in it, and what would not (exit code 3)")
    .option("--json", "print the parts as JSON")
    .option("-o, --output <file>", "where it goes; default: .local/bundles")
    .action(({ stack, ...options }: OnStack<BundleOptions>) => bundle(stack, options));
  cli
    .command("ephemeral")
    .description("throwaway instances for tests: a name and a port of their own, data that goes with them")
    .option("-t, --target <target>", "sandbox (not Infisical) or docker", "sandbox")
    .option("--ttl <time>", "time to live, such as 90s, 30m or 2h; the reaper takes them after it", "30m")
    .option("-n, --count <number>", "how many", "1")
    .option("-b, --blueprint <file>", "what to provision; default: the project's own")
    .option("-c, --config <key=value...>", "further settings of the stack; no secrets")
    .option("--values <file>", "JSON file with the blueprint's configuration secrets; - reads standard input")
    .option("--end <name...>", "end these")
    .option("--json", "print name, address and environment file as JSON")
    .action((options: EphemeralOptions) => ephemeral(options));
  cli
    .command("reap")
    .description("remove throwaway instances whose time is over, and what is left of them")
    .option("--all", "also those whose time is not over")
    .option("--list", "only tell what there is")
    .action((options: ReapOptions) => reapCommand(options));
}
