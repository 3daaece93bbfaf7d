import type { Command } from "commander";
import { matrix, type MatrixOptions } from "../commands/matrix";
import { test } from "../commands/test";

/** Commands that try the project itself. */
export function addTestCommands(cli: Command): void {
  cli
    .command("test")
    .description("the tests that this machine allows; what it does not is named")
    .argument("[suite]", "unit, contract, examples or e2e; all when left out")
    .action((suite?: string) => test(suite));
  cli
    .command("matrix")
    .description("a table of many runs")
    .argument("<name>", "which table; a wrong name lists them")
    .option("--json", "print the rows as JSON")
    .option("--sample", "of a table that takes an hour, the part that CI runs")
    .action((name: string, options: MatrixOptions) => matrix(name, options));
}
