import type { Command } from "commander";
import { docs, type DocsOptions } from "../commands/docs";
import { report, type ReportOptions } from "../commands/report";
import type { OnStack, StackCommand } from "./stack-command";

/** Commands that write pages for people. */
export function addPageCommands(cli: Command, command: StackCommand): void {
  command("report", "the stack as a page for a browser: picture, last up, access, ages of credentials; no secret in it")
    .option("--no-verify", "do not try what the identities may do")
    .option("--json", "print what the page tells as JSON, and write no page")
    .action(({ stack, ...options }: OnStack<ReportOptions>) => report(stack, options));
  cli
    .command("docs")
    .description("write the reference of settings and blueprints, docs/configuration.md, from their schemas")
    .option("--check", "only say whether it is in step")
    .action((options: DocsOptions) => docs(options));
}
