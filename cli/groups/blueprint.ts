import type { Command } from "commander";
import { bench, type BenchOptions } from "../commands/bench";
import { promote, type PromoteOptions } from "../commands/promote";
import { pull, type PullOptions } from "../commands/pull";
import { rollback, type RollbackOptions } from "../commands/rollback";
import { schema } from "../commands/schema";
import type { OnStack, StackCommand } from "./stack-command";

/** Commands about what the blueprint describes. */
export function addBlueprintCommands(cli: Command, command: StackCommand): void {
  command("pull", "read a live project, and write the blueprint that describes it")
    .argument("<project>", "slug of the project")
    .option("-o, --output <file>", "file for the blueprint; default: blueprints/<project>.yaml")
    .option("--values [file]", "write the values too, to a file that only you can read")
    .option("--force", "overwrite files that are there")
    .action((project: string, { stack, ...options }: OnStack<PullOptions>) => pull(stack, project, options));
  command("promote", "copy the values of one environment's secrets to another one's, after asking")
    .argument("<from>", "environment to copy from")
    .argument("<to>", "environment to copy to")
    .option("--project <slug>", "project; default: the blueprint's first")
    .option("--path <path>", "this folder only")
    .option("-y, --yes", "do not ask")
    .action((from: string, to: string, { stack, ...options }: OnStack<PromoteOptions>) =>
      promote(stack, from, to, options),
    );
  command("rollback", "give secrets the values back that they had, from the server's own history")
    .argument("<path>", "folder")
    .option("--to <version|time>", "number of a version, or a time; left out: say which versions are live")
    .option("--project <slug>", "project; default: the blueprint's first")
    .option("--environment <slug>", "environment; default: the first that an identity was granted")
    .option("--key <name>", "this key only")
    .option("-y, --yes", "do not ask")
    .action((path: string, { stack, ...options }: OnStack<RollbackOptions>) => rollback(stack, path, options));
  cli
    .command("bench")
    .description("measure the stack at growing numbers of keys, on the sandbox")
    .option("--keys <numbers>", "numbers of keys, divided by commas", "4,100,1000,5000")
    .option("--resources-up-to <keys>", "measure one Pulumi resource per key up to here", "1000")
    .option("--requests-up-to <keys>", "measure one request per key up to here", "5000")
    .option("--output <folder>", "where bench.md and bench.svg go", "docs")
    .option("--json", "print the figures as JSON, too")
    .action((options: BenchOptions) => bench(options));
  cli.command("schema").description("write the JSON schema of blueprints, for editors").action(schema);
}
