import { doctor, type DoctorOptions } from "../commands/doctor";
import type { OnStack, StackCommand } from "./stack-command";

/** Commands that keep a stack in order. */
export function addOperationsCommands(command: StackCommand): void {
  command("doctor", "what is not as it should be, and what to do about it")
    .option("--fix", "do what is safe to do by itself")
    .option("--json", "print the findings as JSON")
    .action(({ stack, ...options }: OnStack<DoctorOptions>) => doctor(stack, options));
}
