/** What is measured, in this order. */
export const OPERATIONS = ["up", "preview", "refresh", "change", "destroy"] as const;
export type Operation = (typeof OPERATIONS)[number];

export const TITLES: { [Name in Operation]: string } = {
  up: "up",
  preview: "preview, no change",
  refresh: "refresh",
  change: "one key changed",
  destroy: "destroy",
};

/** Who did it. */
export const WAYS = ["stack", "resources", "requests"] as const;
export type Way = (typeof WAYS)[number];

export const WAY_TITLES: { [Name in Way]: string } = {
  stack: "this stack",
  resources: "one Pulumi resource per key, 10 in parallel",
  requests: "one request per key, 10 in parallel, without Pulumi",
};

/** One row: so many keys, one way of doing it. */
export interface Measure {
  way: Way;
  keys: number;
  folders: number;
  seconds: Partial<Record<Operation, number>>;
  requests: Partial<Record<Operation, number>>;
  stateBytes?: number;
  /** The most that the provider process took, in MiB; 0 where it is not seen. */
  providerMiB?: number;
}

/** Seconds that Pulumi takes for nothing: the middle of several runs. */
export type Floor = { [Name in Exclude<Operation, "change">]: number };

/** The middle of several rounds, figure by figure. */
export function middleOf<Figures extends { [name: string]: number }>(rounds: Figures[]): Figures {
  const names = Object.keys(rounds[0] ?? {});
  const middle = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  return Object.fromEntries(names.map((name) => [name, middle(rounds.map((round) => round[name] ?? 0))])) as Figures;
}

/** The middle of several measurements of the same. @throws when there is none. */
export function middleMeasure(rounds: Measure[]): Measure {
  const [first] = rounds;
  if (first === undefined) throw new Error("nothing was measured");
  return { ...first, seconds: middleOf(rounds.map(({ seconds }) => seconds as { [name: string]: number })) };
}
