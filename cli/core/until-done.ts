/**
 * Does some work in a process that stays until the work is done. Node 20's `fetch` does not see to that: where the other
 * side closes the connection without a word, as Docker's proxy does while a server boots, only a timer that keeps no
 * process alive would tell, and a program with nothing else to wait for ends right there, with exit code 0.
 */
export async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  const alive = setInterval(() => {}, 60_000);
  try {
    return await work();
  } finally {
    clearInterval(alive);
  }
}
