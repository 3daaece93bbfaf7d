import { Command } from "commander";
import { addBlueprintCommands } from "./blueprint-commands";
import { bundle, type BundleOptions } from "./commands/bundle";
import { down } from "./commands/down";
import { env, type EnvOptions } from "./commands/env";
import { ephemeral, reapCommand, type EphemeralOptions, type ReapOptions } from "./commands/ephemeral";
import { matrix, type MatrixOptions } from "./commands/matrix";
import { preview } from "./commands/preview";
import { pulumi } from "./commands/pulumi";
import { repair, type RepairOptions } from "./commands/repair";
import { rotate, type RotateOptions } from "./commands/rotate";
import { sandbox } from "./commands/sandbox";
import { test } from "./commands/test";
import { up, type UpOptions } from "./commands/up";
import { verify, type VerifyOptions } from "./commands/verify";
import { Failure } from "./core/failure";
import { teach } from "./help";
import { addPageCommands } from "./page-commands";

const DEFAULT_STACK = process.env.PULUMI_STACK ?? "dev";

function program(): Command {
  const cli = new Command("npm run")
    .description("Commands of the Infisical stack. Give options after --, as in: npm run up -- --stack dev")
    .showHelpAfterError()
    .enablePositionalOptions();
  const command = (name: string, description: string, stack = DEFAULT_STACK): Command =>
    cli.command(name).description(description).option("-s, --stack <name>", "stack to work on", stack);

  command("up", "Infisical in Docker, with everything that the blueprint asks for")
    .option("--no-verify", "do not prove afterwards what the identities may do")
    .action(({ stack, ...options }: UpOptions & { stack: string }) => up(stack, options));
  command("sandbox", "the same on the sandbox, which is not Infisical and needs no Docker", "sandbox").action(
    ({ stack }) => sandbox(stack),
  );
  command("preview", "what `up` would change").action(({ stack }) => preview(stack));
  command("verify", "prove what every identity may do, and what it may not")
    .option("--json", "print every cell as JSON")
    .option("--junit <file>", "write a JUnit report")
    .action(({ stack, ...options }: VerifyOptions & { stack: string }) => verify(stack, options));
  command("rotate", "a new client secret for an identity, while the one before stays good for its grace")
    .argument("[identity]", "which one; left out: end what is under way, and tell the ages")
    .option("--now", "revoke the one before at once: its applications are cut off")
    .option("--wait", "stay until the one before is revoked")
    .option("--env-file <file...>", "publish the credential to this file, now and whenever it changes")
    .action((identity: string | undefined, { stack, ...options }: RotateOptions & { stack: string }) =>
      rotate(stack, identity, options),
    );
  command("env", "what an application needs in its environment; secrets stay hidden unless asked for")
    .option("-f, --format <format>", "dotenv, json, shell, compose or github", "dotenv")
    .option("-o, --output <file>", "write it to a file of mode 0600")
    .option("-i, --identity <name>", "take this identity of several")
    .option("--show", "print the secrets too")
    .action(({ stack, ...options }: EnvOptions & { stack: string }) => env(stack, options));
  addPageCommands(cli, command);
  command("down", "take the stack down and leave nothing").action(({ stack }) => down(stack));
  command("repair", "the way back after a run was killed; `up` does it by itself when it has to")
    .option("--delete-data", "remove volumes too that bear the stack's name and are not in its state")
    .action(({ stack, ...options }: RepairOptions & { stack: string }) => repair(stack, options));
  command("bundle", "everything that a machine without internet needs, in one archive; what is not in it is named")
    .option("--check", "only say what would be in it, and what would not (exit code 3)")
    .option("--json", "print the parts as JSON")
    .option("-o, --output <file>", "where it goes; default: .local/bundles")
    .action(({ stack, ...options }: BundleOptions & { stack: string }) => bundle(stack, options));
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
  addBlueprintCommands(cli, command);
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
    .option("--sample", "only the part that CI runs")
    .action((name: string, options: MatrixOptions) => matrix(name, options));
  teach(cli);
  return cli;
}

program()
  .parseAsync()
  .catch((thrown: unknown) => {
    if (!(thrown instanceof Failure)) throw thrown;
    console.error(`error: ${thrown.message}`);
    process.exitCode = thrown.code;
  });
