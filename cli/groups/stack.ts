import type { Command } from "commander";
import { down, type DownOptions } from "../commands/down";
import { preview } from "../commands/preview";
import { pulumi } from "../commands/pulumi";
import { repair, type RepairOptions } from "../commands/repair";
import { sandbox } from "../commands/sandbox";
import { up, type UpOptions } from "../commands/up";
import type { OnStack, StackCommand } from "./stack-command";

/** Commands that make a stack, change it, mend it and take it down. */
export function addStackCommands(cli: Command, command: StackCommand, defaultStack: string): void {
  command("up", "Infisical in Docker, with everything that the blueprint asks for")
    .option("--no-verify", "do not prove afterwards what the identities may do")
    .action(({ stack, ...options }: OnStack<UpOptions>) => up(stack, options));
  command("sandbox", "the same on the sandbox, which is not Infisical and needs no Docker", "sandbox").action(
    ({ stack }) => sandbox(stack),
  );
  command("preview", "what `up` would change").action(({ stack }) => preview(stack));
  command("down", "take the stack down, and certify what is left of it: nothing")
    .option("--delete-data", "delete protected data (server.durable), too")
    .option("--sweep", "remove everything that bears the stack's label, also when its state is lost")
    .action(({ stack, ...options }: OnStack<DownOptions>) => down(stack, options));
  command("repair", "the way back after a run was killed; `up` does it by itself when it has to")
    .option("--delete-data", "remove volumes too that bear the stack's name and are not in its state")
    .action(({ stack, ...options }: OnStack<RepairOptions>) => repair(stack, options));
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
      process.exitCode = await pulumi(defaultStack, args);
    });
}
