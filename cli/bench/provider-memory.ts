import { readdirSync, readFileSync } from "node:fs";

const EVERY_MS = 100;
const PAGES_PER_MIB = 256;

/** Watches how much memory the dynamic provider below a process takes. Linux only: elsewhere it sees nothing. */
export class ProviderMemory {
  private most = 0;
  private readonly timer: NodeJS.Timeout | undefined;

  /** @param root process of the Pulumi CLI. */
  constructor(private readonly root: number) {
    if (process.platform === "linux") this.timer = setInterval(() => this.look(), EVERY_MS);
  }

  /** @returns the most that was seen, in MiB. */
  stop(): number {
    clearInterval(this.timer);
    return Math.round(this.most);
  }

  private look(): void {
    const parents = new Map<number, number>();
    const providers: number[] = [];
    for (const pid of readdirSync("/proc").map(Number).filter(Number.isInteger)) {
      parents.set(pid, parentOf(pid));
      if (read(`/proc/${pid}/cmdline`).includes("dynamic-provider")) providers.push(pid);
    }
    const mine = providers.filter((pid) => this.isBelow(pid, parents));
    this.most = Math.max(
      this.most,
      ...mine.map((pid) => Number(read(`/proc/${pid}/statm`).split(" ")[1]) / PAGES_PER_MIB || 0),
    );
  }

  private isBelow(pid: number, parents: Map<number, number>): boolean {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
      if (at === this.root) return true;
    }
    return false;
  }
}

function parentOf(pid: number): number {
  return Number(/^\d+ \(.*\) \S (\d+)/s.exec(read(`/proc/${pid}/stat`))?.[1] ?? 0);
}

/** Empty when the process is gone meanwhile. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
