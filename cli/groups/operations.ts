import type { Command } from "commander";
import { backup, type BackupOptions } from "../commands/backup";
import { doctor, type DoctorOptions } from "../commands/doctor";
import { drill, type DrillOptions } from "../commands/drill";
import { restore, type RestoreOptions } from "../commands/restore";
import { upgrade, type UpgradeOptions } from "../commands/upgrade";
import type { OnStack, StackCommand } from "./stack-command";

/** Commands that keep a stack in order: what is wrong with it, backups, another version. */
export function addOperationsCommands(command: StackCommand): void {
  command("doctor", "what is not as it should be, and what to do about it")
    .option("--fix", "do what is safe to do by itself")
    .option("--json", "print the findings as JSON")
    .action(({ stack, ...options }: OnStack<DoctorOptions>) => doctor(stack, options));
  withLock(command("backup", "save data, keys, state and configuration into one encrypted archive"))
    .option("--recipient <age1...>", "lock it for a public key of age in place of the stack's passphrase")
    .option("--folder <folder>", "where archives lie; default: .local/backups/<stack>")
    .option("--keep <number>", "how many of the stack's archives to keep")
    .option("--json", "print what was saved as JSON")
    .action(({ stack, ...options }: OnStack<BackupOptions>) => backup(stack, options));
  withLock(command("restore", "bring a saved stack back, into the same stack or one that has no server yet"))
    .argument("<archive>", "file that `backup` has written")
    .action((archive: string, { stack, ...options }: OnStack<RestoreOptions>) => restore(stack, archive, options));
  withLock(command("drill", "restore the newest backup into a throwaway stack, and read the secrets back from it"))
    .option("--folder <folder>", "where archives lie; default: .local/backups/<stack>")
    .option("--archive <file>", "another archive than the newest")
    .option("--json", "print what was seen as JSON")
    .action(({ stack, ...options }: OnStack<DrillOptions>) => drill(stack, options));
  withLock(command("upgrade", "another version of Infisical: backed up, rehearsed on a copy, verified, or rolled back"))
    .requiredOption("--to <version>", "version such as v0.159.23, or a whole image name")
    .option("--rehearse", "rehearse only")
    .option("--folder <folder>", "where archives lie; default: .local/backups/<stack>")
    .action(({ stack, ...options }: OnStack<UpgradeOptions>) => upgrade(stack, options));
}

/** The options of commands that open archives. */
function withLock(command: Command): Command {
  return command
    .option("--passphrase-file <file>", "file with the passphrase of archives; default: the stack's own passphrase")
    .option("--identity-file <file>", "file with the private key of age that opens archives");
}
