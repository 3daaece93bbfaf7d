import { createInterface } from "node:readline/promises";
import { Failure } from "./failure";

/**
 * Asks a person, unless they have said yes beforehand.
 * @throws Failure when they do not agree, or when nobody is there to be asked.
 */
export async function requireConsent(question: string, yes: boolean | undefined): Promise<void> {
  if (yes === true) return;
  if (!process.stdin.isTTY) throw new Failure("nobody is there to be asked; say --yes when this is what you want.", 2);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = (await terminal.question(`${question} [y/N] `)).trim().toLowerCase();
    if (!["y", "yes"].includes(answer)) throw new Failure("nothing was changed.", 1);
  } finally {
    terminal.close();
  }
}
