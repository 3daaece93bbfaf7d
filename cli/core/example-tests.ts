import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { LOCAL, ROOT } from "./places";
import { tallyOfNode, tallyOfPytest, type Tally } from "./tally";

/** One example's own tests: what they came to, or why they were not run. */
export type ExampleOutcome = { example: string; tally: Tally } | { example: string; notRun: string };

interface ExampleTests {
  example: string;
  command: string;
  args: string[];
  read: (output: string) => Tally;
}

const NODE = { command: "npm", args: ["test", "--silent"], read: tallyOfNode };
/** The environment that the set-up makes for them; without Python there is none. */
const PYTHON = join(LOCAL, "venv-tests", "bin", "python");
const PYTEST = { command: PYTHON, args: ["-m", "pytest", "-q", "tests"], read: tallyOfPytest };

const EXAMPLES: ExampleTests[] = [
  { example: "node", ...NODE },
  { example: "sidecar", ...NODE },
  { example: "python", ...PYTEST },
  { example: "ci", ...PYTEST },
  { example: "compose", ...PYTEST },
];

/** Runs the tests that the examples bring along, as a user of an example would. */
export async function runExampleTests(): Promise<ExampleOutcome[]> {
  const outcomes: ExampleOutcome[] = [];
  for (const tests of EXAMPLES) {
    if (tests.command === PYTHON && !existsSync(PYTHON)) {
      outcomes.push({ example: tests.example, notRun: "no Python 3.11 or newer on this machine" });
      continue;
    }
    console.log(`\nexamples/${tests.example}`);
    outcomes.push({ example: tests.example, tally: await run(tests) });
  }
  return outcomes;
}

/** Shows what the tests print, and reads their figures from it. */
function run({ example, command, args, read }: ExampleTests): Promise<Tally> {
  const { PATH, HOME, TMPDIR } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: join(ROOT, "examples", example),
      env: { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (piece: Buffer) => {
      output += piece.toString();
      process.stdout.write(piece);
    });
    child.once("error", reject);
    child.once("close", (code) => {
      const tally = read(output);
      // Tests that end before they can tell their figures have failed, whatever they have told.
      resolve(code === 0 || tally.failed > 0 ? tally : { ...tally, failed: 1 });
    });
  });
}
