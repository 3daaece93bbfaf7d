import type { Command } from "commander";

/** Makes a command that works on a stack, with the option `--stack`. */
export type StackCommand = (name: string, description: string, stack?: string) => Command;

/** What a command that works on a stack is given. */
export type OnStack<Options> = Options & { stack: string };
