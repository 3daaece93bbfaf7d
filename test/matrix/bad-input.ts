import { readFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import type { MatrixRow } from "../../cli/commands/matrix";
import { ROOT } from "../../cli/core/places";
import { dockerObstacle } from "../support/engine";
import { recordNotRun } from "../support/not-run";
import { RefusalBench, type Input, type Refusal } from "../support/refusal-bench";
import { BLUEPRINT_CASES, type BadBlueprint } from "./bad-blueprints";
import { CONFIG_CASES, type BadConfig } from "./bad-config";

/** Two at once: each run is one busy process after the other. */
const AT_ONCE = 2;

interface Trial {
  case: string;
  run: (bench: RefusalBench) => Promise<MatrixRow>;
}

/** Every bad input: its one message, and that nothing was created. */
export async function rows(): Promise<MatrixRow[]> {
  const obstacle = dockerObstacle();
  const trials = [...CONFIG_CASES.map((one) => configTrial(one, obstacle)), ...BLUEPRINT_CASES.map(blueprintTrial)];
  const found = new Map<string, MatrixRow>();
  const queue = [...trials];
  const work = async (): Promise<void> => {
    const bench = await RefusalBench.open();
    try {
      for (let trial = queue.shift(); trial !== undefined; trial = queue.shift()) {
        found.set(trial.case, await trial.run(bench));
      }
    } finally {
      await bench.close();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return trials.map((trial) => found.get(trial.case) ?? { case: trial.case, seen: "not tried", ok: false });
}

function configTrial(bad: BadConfig, obstacle: string | undefined): Trial {
  return {
    case: bad.case,
    run: async (bench) => {
      if (bad.needsDocker === true && obstacle !== undefined) {
        recordNotRun(`bad input: ${bad.case}`, obstacle);
        return { case: bad.case, seen: `not run: ${obstacle}`, ok: true };
      }
      const input = bad.portTaken === true ? await withTakenPort(bad.input) : { ...bad.input, close: () => {} };
      try {
        return rowOf(bad, await bench.refuse(input));
      } finally {
        input.close();
      }
    },
  };
}

function blueprintTrial(bad: BadBlueprint): Trial {
  const { text, line } = written(bad);
  const tells = [`blueprint.yaml:${line}: `, ...bad.tells];
  return {
    case: bad.case,
    run: async (bench) => rowOf({ case: bad.case, tells }, await bench.refuse({ blueprint: text })),
  };
}

/** The file, and the line that the message has to name. */
function written(bad: BadBlueprint): { text: string; line: number } {
  if (typeof bad.edit === "string") return { text: bad.edit, line: lineOf(bad.edit, bad.at ?? "") };
  let text = readFileSync(join(ROOT, "blueprints", "my-rag.yaml"), "utf8");
  for (const [from, to] of bad.edit) {
    if (!text.includes(from)) throw new Error(`${bad.case}: "${from}" is not in the blueprint`);
    text = text.replace(from, () => to);
  }
  return { text, line: lineOf(text, bad.at ?? bad.edit.at(-1)?.[1].split("\n")[0] ?? "") };
}

function lineOf(text: string, marker: string): number {
  const at = text.lastIndexOf(marker);
  if (at === -1) throw new Error(`"${marker}" is not in the blueprint`);
  return marker === "" ? 1 : text.slice(0, at).split("\n").length;
}

function rowOf(bad: Pick<BadConfig, "case" | "tells" | "hides">, { lines, faults }: Refusal): MatrixRow {
  const message = lines.join("\n");
  const untold = bad.tells.filter((part) => !message.includes(part)).map((part) => `it does not say: ${part}`);
  const shown = bad.hides !== undefined && message.includes(bad.hides) ? ["it shows the value"] : [];
  const wrong = [...faults, ...untold, ...shown];
  return { case: bad.case, seen: [message, ...wrong.map((fault) => `  ${fault}`)].join("\n"), ok: wrong.length === 0 };
}

/** The same input with a port on which something listens already. */
async function withTakenPort(input: Input): Promise<Input & { close: () => void }> {
  const server: Server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { ...input, config: { ...input.config, "server.port": String(port) }, close: () => server.close() };
}
