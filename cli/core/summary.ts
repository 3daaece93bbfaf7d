/** Seconds since a command began, and the one line that it ends with. */
export class Stopwatch {
  private readonly started = Date.now();

  get seconds(): number {
    return Math.round((Date.now() - this.started) / 100) / 10;
  }
}

/** The last line of a command: what was done, in figures. */
export function summarize(command: string, figures: { [name: string]: string | number }): void {
  const parts = Object.entries(figures).map(([name, figure]) => `${name} ${figure}`);
  console.log(`${command}: ${parts.join(", ")}`);
}
