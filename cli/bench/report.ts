import { cpus, type as systemType } from "node:os";
import { OPERATIONS, TITLES, WAY_TITLES, type Floor, type Measure } from "./measures";

/** Where and with what it was measured. */
export interface Circumstances {
  /** Day of the run, such as 2027-01-31. */
  day: string;
  pulumi: string;
  standIns: string[];
}

/** The page of a benchmark. */
export function reportOf(floor: Floor, measures: Measure[], circumstances: Circumstances): string {
  return `# Benchmark

Written by \`npm run bench\`, which measures all of this in one run on one machine. The server is the sandbox of this
repository, **not Infisical**: it answers alike, and faster. So the figures are for comparing with each other, not with a
real server: that takes 46 to 59 ms for a single write (recorded), the sandbox about a tenth. Requests are counted at the server. Seconds of an empty program are the middle of rounds all through the run, and
those of up to 100 keys the middle of three.

${circumstancesText(circumstances)}

![Seconds by number of keys](bench.svg)

## Seconds

${table(
  ["way", "keys", "folders", ...OPERATIONS.map((operation) => TITLES[operation])],
  [
    ["an empty Pulumi program", "0", "0", ...OPERATIONS.map((operation) => seconds(floorOf(floor, operation)))],
    ...measures.map((one) => [...head(one), ...OPERATIONS.map((operation) => seconds(one.seconds[operation]))]),
  ],
)}

## Requests

${table(
  ["way", "keys", "folders", ...OPERATIONS.map((operation) => TITLES[operation])],
  measures.map((one) => [...head(one), ...OPERATIONS.map((operation) => String(one.requests[operation] ?? "-"))]),
)}

## State and memory

${table(
  ["way", "keys", "folders", "state, kB", "provider process, MiB"],
  measures
    .filter(({ stateBytes }) => stateBytes !== undefined)
    .map((one) => [
      ...head(one),
      String(Math.round((one.stateBytes ?? 0) / 1_000)),
      (one.providerMiB ?? 0) === 0 ? "-" : String(one.providerMiB),
    ]),
)}

## What it comes to

${conclusions(floor, measures)
  .map((line) => `- ${line}`)
  .join("\n")}
`;
}

function circumstancesText({ day, pulumi, standIns }: Circumstances): string {
  const cores = cpus();
  const machine = `${cores.length} cores (${cores[0]?.model.trim() ?? "unknown"}), ${systemType()}`;
  const parts = standIns.length === 0 ? "" : `; stand-ins in use, not Pulumi's own: ${standIns.join(", ")}`;
  return `Measured on ${day}: ${machine}, Node ${process.versions.node}, Pulumi ${pulumi}${parts}.`;
}

function floorOf(floor: Floor, operation: (typeof OPERATIONS)[number]): number {
  return floor[operation === "change" ? "up" : operation];
}

function head({ way, keys, folders }: Measure): string[] {
  return [WAY_TITLES[way], String(keys), String(folders)];
}

function seconds(value: number | undefined): string {
  return value === undefined ? "-" : value.toFixed(value < 10 ? 2 : 1);
}

function table(titles: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(" | ")} |`;
  return [line(titles), line(titles.map((_, index) => (index === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

/** The aims, and what was seen of them in this run. */
export function conclusions(floor: Floor, measures: Measure[]): string[] {
  const of = (way: Measure["way"], keys: number): Measure | undefined =>
    measures.find((one) => one.way === way && one.keys === keys && one.folders === 1);
  const ours = of("stack", 1_000);
  const lines: string[] = [];
  for (const way of ["resources", "requests"] as const) {
    const other = of(way, 1_000);
    if (ours === undefined || other === undefined) continue;
    for (const operation of ["up", "refresh", "destroy"] as const) {
      lines.push(
        ratioLine(
          WAY_TITLES[way],
          TITLES[operation],
          other.seconds[operation],
          ours.seconds[operation],
          floor[operation],
        ),
      );
    }
  }
  const few = of("stack", 4);
  if (few?.seconds.up !== undefined) {
    lines.push(`4 keys: \`up\` takes ${seconds(few.seconds.up - floor.up)} s longer than an empty program`);
  }
  if (ours?.stateBytes !== undefined) {
    lines.push(
      `1,000 keys: ${Math.round(ours.stateBytes / 1_000)} kB of state (Terraform with Infisical's provider, measured elsewhere: 902 kB)`,
    );
  }
  return lines;
}

function ratioLine(way: string, operation: string, theirs = 0, ours = 0, floor = 0): string {
  const above = Math.max(0.001, ours - floor);
  return (
    `1,000 keys, ${operation}: ${way} takes ${seconds(theirs)} s, this stack ${seconds(ours)} s: ` +
    `${(theirs / ours).toFixed(1)} times; without what an empty program takes: ${seconds(above)} s`
  );
}
