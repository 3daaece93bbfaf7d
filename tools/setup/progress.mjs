// What the set-up says while it works: on stderr only, and nothing at all when there is nothing to do.

const TERMINAL_TICK = 200;
const PLAIN_TICK = 10_000;
const active = new Set();
let ticking;
let shown = false;

const output = process.stderr;
const seconds = (since) => Math.round((Date.now() - since) / 1000);

function clearLine() {
  if (shown) output.write("\r\u001b[2K");
  shown = false;
}

/** Prints one line. */
export function say(line) {
  clearLine();
  output.write(`setup: ${line}\n`);
}

const describe = (step) => `${step.title}: ${seconds(step.since)} s${step.detail ? `, ${step.detail}` : ""}`;

function tick() {
  if (!output.isTTY) {
    for (const step of active) say(describe(step));
    return;
  }
  clearLine();
  const line = `setup: ${[...active].map(describe).join(" | ")}`;
  output.write(line.slice(0, (output.columns ?? 80) - 1));
  shown = true;
}

function keepTicking() {
  if (active.size > 0) ticking ??= setInterval(tick, output.isTTY ? TERMINAL_TICK : PLAIN_TICK);
  else if (ticking) {
    clearInterval(ticking);
    ticking = undefined;
    clearLine();
  }
}

/**
 * Does one piece of work with a line before, the elapsed time during, and a line after it.
 * @param title what is done and from where, without a full stop
 * @param work gets a function that sets the detail shown beside the time
 * @returns what `work` returns; its error is passed on after a line that says so
 */
export async function step(title, work) {
  const entry = { title, since: Date.now(), detail: "" };
  say(`${title} ...`);
  active.add(entry);
  keepTicking();
  const finish = (word) => {
    active.delete(entry);
    keepTicking();
    say(`${title}: ${word} after ${seconds(entry.since)} s`);
  };
  try {
    const result = await work((detail) => {
      entry.detail = detail;
    });
    finish("done");
    return result;
  } catch (error) {
    finish("not done");
    throw error;
  }
}
