import { Command } from "commander";
import { Failure } from "./core/failure";
import { untilDone } from "./core/until-done";
import { addAccessCommands } from "./groups/access";
import { addBlueprintCommands } from "./groups/blueprint";
import { addElsewhereCommands } from "./groups/elsewhere";
import { addOperationsCommands } from "./groups/operations";
import { addPageCommands } from "./groups/pages";
import { addStackCommands } from "./groups/stack";
import type { StackCommand } from "./groups/stack-command";
import { addTestCommands } from "./groups/tests";
import { teach } from "./help";

const DEFAULT_STACK = process.env.PULUMI_STACK ?? "dev";

function program(): Command {
  const cli = new Command("npm run")
    .description("Commands of the Infisical stack. Give options after --, as in: npm run up -- --stack dev")
    .showHelpAfterError()
    .enablePositionalOptions();
  const command: StackCommand = (name, description, stack = DEFAULT_STACK) =>
    cli.command(name).description(description).option("-s, --stack <name>", "stack to work on", stack);
  addStackCommands(cli, command, DEFAULT_STACK);
  addOperationsCommands(command);
  addAccessCommands(command);
  addBlueprintCommands(cli, command);
  addPageCommands(cli, command);
  addElsewhereCommands(cli, command);
  addTestCommands(cli);
  teach(cli);
  return cli;
}

untilDone(() => program().parseAsync()).catch((thrown: unknown) => {
  if (!(thrown instanceof Failure)) throw thrown;
  console.error(`error: ${thrown.message}`);
  process.exitCode = thrown.code;
});
