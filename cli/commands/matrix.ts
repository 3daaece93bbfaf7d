import { misuse } from "../core/failure";
import { summarize, Stopwatch } from "../core/summary";

/** One row of a table: what was tried, what was seen, and whether that is right. */
export interface MatrixRow {
  case: string;
  seen: string;
  ok: boolean;
}

export interface MatrixOptions {
  json?: boolean;
  /** Only the part that CI runs, where a table has more cases than CI has minutes. */
  sample?: boolean;
}

/** Tables by name; each module makes the rows. */
const MATRICES: {
  [name: string]: () => Promise<{ rows: (options: { sample?: boolean }) => Promise<MatrixRow[]> }>;
} = {
  "bad-input": () => import("../../test/matrix/bad-input.js"),
  blueprint: () => import("../../test/matrix/blueprint.js"),
  hygiene: () => import("../../test/matrix/hygiene.js"),
  kill: () => import("../../test/matrix/kill.js"),
  drift: () => import("../../test/matrix/drift.js"),
  faults: () => import("../../test/matrix/faults.js"),
  bootstrap: () => import("../../test/matrix/bootstrap.js"),
  verify: () => import("../../test/matrix/verify.js"),
  rotation: () => import("../../test/matrix/rotation.js"),
};

/** Runs the cases of one table and prints it. Exit code 1 when one of them is not right. */
export async function matrix(name: string, options: MatrixOptions): Promise<void> {
  const load = MATRICES[name];
  if (load === undefined) throw misuse(`there is no table "${name}"; there are: ${Object.keys(MATRICES).join(", ")}`);
  const watch = new Stopwatch();
  const rows = await (await load()).rows(options);
  const wrong = rows.filter(({ ok }) => !ok).length;
  if (options.json === true) console.log(JSON.stringify(rows, undefined, 2));
  else printTable(rows);
  if (options.json !== true) summarize(`matrix ${name}`, { cases: rows.length, wrong, seconds: watch.seconds });
  if (wrong > 0) process.exitCode = 1;
}

function printTable(rows: MatrixRow[]): void {
  const width = Math.max(...rows.map((row) => row.case.length));
  for (const row of rows) {
    const [first = "", ...more] = row.seen.split("\n");
    console.log(`${row.ok ? "ok   " : "WRONG"}  ${row.case.padEnd(width)}  ${first}`);
    for (const line of more) console.log(`${" ".repeat(width + 9)}${line}`);
  }
}
