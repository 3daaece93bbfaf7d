/** Seconds since a command began, and the one line that it ends with. */
export class Stopwatch {
  private readonly started = Date.now();

  get seconds(): number {
    return tenths((Date.now() - this.started) / 1_000);
  }
}

/** Rounded to a tenth. */
export function tenths(figure: number): number {
  return Math.round(figure * 10) / 10;
}

/** The last line of a command: what was done, in figures. */
export function summarize(command: string, figures: { [name: string]: string | number }): void {
  const parts = Object.entries(figures).map(([name, figure]) => `${name} ${figure}`);
  console.log(`${command}: ${parts.join(", ")}`);
}
