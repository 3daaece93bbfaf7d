/** Why an exchange is not expected to come out as recorded. */
export interface Exception {
  /** `54`, `sdk-node:3`, or a range `500-514`. */
  which: string;
  kind: "not replayed" | "not served" | "deviates";
  reason: string;
}

/**
 * Every exchange that the sandbox does not answer as the recorded server did, and every one that cannot be sent again.
 * The suite is red when one is missing here, and as red when one stands here that works.
 */
export const EXCEPTIONS: Exception[] = [
  { which: "500-509", kind: "not replayed", reason: "Redis was stopped and started again" },
  {
    which: "465",
    kind: "not served",
    reason: "the list of secret rotations, which no free server lets anybody use; it is all product texts",
  },
  { which: "510-514", kind: "not replayed", reason: "Postgres was stopped" },
];

/** The ids that an entry stands for. */
export function idsOf({ which }: Exception): string[] {
  const range = /^(\d+)-(\d+)$/.exec(which);
  if (range === null) return [which];
  const first = Number(range[1]);
  return Array.from({ length: Number(range[2]) - first + 1 }, (_unused, index) => String(first + index));
}
