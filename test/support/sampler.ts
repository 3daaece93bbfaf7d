import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

/** Larger ones are no notes of a program but data. */
const LARGEST = 4_000_000;

/** Looks, while something runs, at what is there for moments only: arguments of processes, and temporary files. */
export class Sampler {
  private readonly commandLines = new Set<string>();
  private readonly files = new Map<string, Buffer>();
  private running = false;
  private ended: Promise<void> = Promise.resolve();
  looks = 0;

  /** @param temporaryFolder what the run uses as its TMPDIR. */
  constructor(private readonly temporaryFolder: string) {}

  start(): void {
    this.running = true;
    this.ended = this.keepLooking();
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.ended;
  }

  /** Arguments of every process that was seen on the machine. */
  get processes(): Buffer {
    return Buffer.from([...this.commandLines].join("\n"));
  }

  /** Contents of every temporary file that was seen. */
  get temporaryFiles(): Buffer {
    return Buffer.concat([...this.files.values()]);
  }

  get temporaryFileCount(): number {
    return this.files.size;
  }

  private async keepLooking(): Promise<void> {
    while (this.running) {
      const { stdout } = await promisify(execFile)("ps", ["axww", "-o", "args="], { maxBuffer: 50_000_000 });
      for (const line of stdout.split("\n")) this.commandLines.add(line);
      for (const [file, content] of readTree(this.temporaryFolder))
        this.files.set(`${file} ${content.length}`, content);
      this.looks += 1;
      await pause(250);
    }
  }
}

/** Every file below a folder with its content; what cannot be read (a socket, one that just went) is left out. */
export function readTree(folder: string): [file: string, content: Buffer][] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).flatMap((name): [string, Buffer][] => {
    const file = join(folder, name);
    try {
      const seen = statSync(file);
      return seen.isFile() && seen.size <= LARGEST ? [[file, readFileSync(file)]] : [];
    } catch {
      return [];
    }
  });
}
