/** The known name that a mistyped one was probably meant to be, or nothing. */
export function nearName(name: string, known: readonly string[]): string | undefined {
  return known.find((other) => distance(name.toLowerCase(), other.toLowerCase()) <= 2);
}

/** Number of letters to change, add or drop to get from one word to the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
