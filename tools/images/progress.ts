/** Progress lines with the time since the start: the builds take minutes, so silence would look like a hang. */
export interface Progress {
  /** Prints one line. */
  step(text: string): void;
  /** Keeps a detail of the running step; it is printed every few seconds only. */
  detail(text: string): void;
  seconds(): string;
}

const DETAIL_EVERY_MS = 5000;

/** Progress of one run, written to `write` (default: standard output). */
export function startProgress(write: (line: string) => void = (line) => console.log(line)): Progress {
  const began = Date.now();
  let lastDetail = began;
  const seconds = () => ((Date.now() - began) / 1000).toFixed(1);
  const print = (text: string) => write(`[images ${seconds().padStart(6)} s] ${text}`);
  return {
    seconds,
    step(text) {
      lastDetail = Date.now();
      print(text);
    },
    detail(text) {
      if (Date.now() - lastDetail < DETAIL_EVERY_MS) return;
      lastDetail = Date.now();
      print(`  ${text}`);
    },
  };
}
