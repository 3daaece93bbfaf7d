import { styleText } from "node:util";
import { Stopwatch } from "./summary";

/** A part of a command, and how long it took. */
export interface Phase {
  name: string;
  seconds: number;
}

/**
 * The parts of a command, each named on the screen when it begins, with the time since the command was started. Plain
 * lines, which a log keeps as well as a terminal shows them.
 */
export class Phases {
  private readonly watch = new Stopwatch();
  private readonly ended: Phase[] = [];
  private current: { name: string; since: number } | undefined;

  /** @param command its name, which begins each line. */
  constructor(private readonly command: string) {}

  /** Ends the phase before this one, if there is one. */
  begin(name: string): void {
    this.end();
    this.current = { name, since: this.watch.seconds };
    const line = `${this.command} (${this.watch.seconds.toFixed(1)} s): ${name}`;
    console.log(process.stdout.isTTY === true ? styleText("bold", line) : line);
  }

  /** @returns all phases, the current one included, which ends with this. */
  end(): Phase[] {
    if (this.current !== undefined) {
      const { name, since } = this.current;
      this.ended.push({ name, seconds: Math.round((this.watch.seconds - since) * 10) / 10 });
      this.current = undefined;
    }
    return [...this.ended];
  }
}
