import { createInterface } from "node:readline/promises";
import { Failure, misuse } from "./failure";

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

/**
 * Asks once to write a word, for what cannot be undone.
 * @param otherwise says what to give on the command line in place of the answer.
 * @throws Failure when another word is written, or when nobody is there to be asked.
 */
export async function requireWord(question: string, word: string, otherwise: string): Promise<void> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) throw misuse(otherwise);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question(`${question}\nWrite ${word} to go on: `);
    if (answer.trim() !== word) throw misuse(`not confirmed; nothing was touched. ${otherwise}`);
  } finally {
    terminal.close();
  }
}
