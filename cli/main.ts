import { Command } from "commander";
import { down } from "./commands/down";
import { env, type EnvOptions } from "./commands/env";
import { matrix } from "./commands/matrix";
import { preview } from "./commands/preview";
import { pulumi } from "./commands/pulumi";
import { repair, type RepairOptions } from "./commands/repair";
import { sandbox } from "./commands/sandbox";
import { test } from "./commands/test";
import { up } from "./commands/up";
import { verify, type VerifyOptions } from "./commands/verify";
import { Failure } from "./core/failure";

const DEFAULT_STACK = process.env.PULUMI_STACK ?? "dev";

function program(): Command {
  const cli = new Command("npm run")
    .description("Commands of the Infisical stack. Give options after --, as in: npm run up -- --stack dev")
    .showHelpAfterError()
    .enablePositionalOptions();
  const command = (name: string, description: string, stack = DEFAULT_STACK): Command =>
    cli.command(name).description(description).option("-s, --stack <name>", "stack to work on", stack);

  command("up", "Infisical in Docker, with everything that the blueprint asks for").action(({ stack }) => up(stack));
  command("sandbox", "the same on the sandbox, which is not Infisical and needs no Docker", "sandbox").action(
    ({ stack }) => sandbox(stack),
  );
  command("preview", "what `up` would change").action(({ stack }) => preview(stack));
  command("verify", "prove what every identity may do, and what it may not")
    .option("--json", "print every cell as JSON")
    .option("--junit <file>", "write a JUnit report")
    .action(({ stack, ...options }: VerifyOptions & { stack: string }) => verify(stack, options));
  command("env", "what an application needs in its environment; secrets stay hidden unless asked for")
    .option("-f, --format <format>", "dotenv, json, shell, compose or github", "dotenv")
    .option("-o, --output <file>", "write it to a file of mode 0600")
    .option("-i, --identity <name>", "take this identity of several")
    .option("--show", "print the secrets too")
    .action(({ stack, ...options }: EnvOptions & { stack: string }) => env(stack, options));
  command("down", "take the stack down and leave nothing").action(({ stack }) => down(stack));
  command("repair", "the way back after a run was killed; `up` does it by itself when it has to")
    .option("--delete-data", "remove volumes too that bear the stack's name and are not in its state")
    .action(({ stack, ...options }: RepairOptions & { stack: string }) => repair(stack, options));
  cli
    .command("pulumi")
    .description(
      "the Pulumi CLI with this project's backend and passphrase, as in: npm run -s pulumi -- stack output clientId",
    )
    .argument("[args...]", "what Pulumi is given")
    .passThroughOptions()
    .allowUnknownOption()
    .helpOption(false)
    .action(async (args: string[]) => {
      process.exitCode = await pulumi(DEFAULT_STACK, args);
    });
  cli
    .command("test")
    .description("the tests that this machine allows; what it does not is named")
    .argument("[suite]", "unit, contract or e2e; all when left out")
    .action((suite?: string) => test(suite));
  cli
    .command("matrix")
    .description("a table of many runs")
    .argument("<name>", "which table: bad-input")
    .option("--json", "print the rows as JSON")
    .action((name: string, options: { json?: boolean }) => matrix(name, options));
  return cli;
}

program()
  .parseAsync()
  .catch((thrown: unknown) => {
    if (!(thrown instanceof Failure)) throw thrown;
    console.error(`error: ${thrown.message}`);
    process.exitCode = thrown.code;
  });
