import { createHash } from "node:crypto";

/**
 * Some of the numbers, chosen as if by chance but always the same for the same seed.
 * @param always These are in it whatever chance says.
 */
export function sampleOf(numbers: number[], size: number, seed: string, always: number[] = []): number[] {
  const rank = (number: number): string => createHash("sha256").update(`${seed} ${number}`).digest("hex");
  const rest = numbers.filter((number) => !always.includes(number)).sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  return [...always, ...rest.slice(0, size)].sort((a, b) => a - b);
}
