import { env, type EnvOptions } from "../commands/env";
import { rotate, type RotateOptions } from "../commands/rotate";
import { verify, type VerifyOptions } from "../commands/verify";
import type { OnStack, StackCommand } from "./stack-command";

/** Commands about identities, their credentials, and what they may do. */
export function addAccessCommands(command: StackCommand): void {
  command("verify", "prove what every identity may do, and what it may not")
    .option("--json", "print every cell as JSON")
    .option("--junit <file>", "write a JUnit report")
    .action(({ stack, ...options }: OnStack<VerifyOptions>) => verify(stack, options));
  command("rotate", "a new client secret for an identity, while the one before stays good for its grace")
    .argument("[identity]", "which one; left out: end what is under way, and tell the ages")
    .option("--now", "revoke the one before at once: its applications are cut off")
    .option("--wait", "stay until the one before is revoked")
    .option("--env-file <file...>", "publish the credential to this file, now and whenever it changes")
    .action((identity: string | undefined, { stack, ...options }: OnStack<RotateOptions>) =>
      rotate(stack, identity, options),
    );
  command("env", "what an application needs in its environment; secrets stay hidden unless asked for")
    .option("-f, --format <format>", "dotenv, json, shell, compose or github", "dotenv")
    .option("-o, --output <file>", "write it to a file of mode 0600")
    .option("-i, --identity <name>", "take this identity of several")
    .option("--show", "print the secrets too")
    .action(({ stack, ...options }: OnStack<EnvOptions>) => env(stack, options));
}
